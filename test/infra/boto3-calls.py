"""Calls AWS for the tests: a line of JSON [service, operation, parameters] comes in, a line of JSON goes out."""

import json
import sys

import boto3
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

endpoint, region = sys.argv[1:]
clients = {}

for line in sys.stdin:
    service, operation, parameters = json.loads(line)
    if service not in clients:
        clients[service] = boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="fake-access-key-id",
            aws_secret_access_key="fake-secret-access-key",
        )
    try:
        answer = getattr(clients[service], operation)(**parameters)
        answer.pop("ResponseMetadata", None)
        result = {"answer": answer}
    except ClientError as error:
        result = {"error": error.response["Error"]}
    except ResponseParserError as error:
        # An error of one service within another's answer.
        result = {"error": {"Code": "Unreadable", "Message": str(error)}}
    print(json.dumps(result, default=str), flush=True)
