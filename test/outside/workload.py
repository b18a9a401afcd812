"""An outside user's workload in Python, as workload.mjs is in JavaScript."""

import json
import os
import sys

import requests
from renova_client import RequestsAuth, TokenError, TokenSource

CREDENTIAL = os.environ["CREDENTIAL"]
SOURCES = {
    "read-api": TokenSource(CREDENTIAL, via="read-api", url=os.environ["READ_API_URL"]),
    "secrets-manager": TokenSource(CREDENTIAL, via="secrets-manager", env="prd"),
}

# "read-api http://…" opens a resource with a token.
for line in sys.stdin:
    via, url = line.split()
    try:
        response = requests.get(url, auth=RequestsAuth(SOURCES[via]), timeout=60)
        answer = {"status": response.status_code, "generation": SOURCES[via].get_token().generation}
    except TokenError as error:
        answer = {"code": error.code, "message": str(error)}
    print(json.dumps(answer), flush=True)
