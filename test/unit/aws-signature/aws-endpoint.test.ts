import assert from 'node:assert/strict';
import { it } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { awsEndpoint } from '../../../shared/aws-signature/aws-endpoint.ts';

/** Of each partition, and two that no table knows. */
const REGIONS =
  `sa-east-1 us-east-1 ap-southeast-7 mx-central-1 cn-north-1 cn-northwest-1 us-gov-west-1 us-gov-east-1
  eusc-de-east-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 eu-isoe-west-1 us-isof-south-1
  us-isof-east-1 zz-new-9 cn-new-south-2`.split(/\s+/);

it('an endpoint is the one that the SDK’s own client takes, in every partition, with FIPS and dual stack', async () => {
  for (const region of REGIONS) {
    for (const useFips of [false, true]) {
      for (const useDualStack of [false, true]) {
        const given = { Region: region, UseFIPS: useFips, UseDualStack: useDualStack };
        for (const [service, { config }] of [
          ['lambda', new LambdaClient({ region })],
          ['dynamodb', new DynamoDBClient({ region })],
          ['secretsmanager', new SecretsManagerClient({ region })],
        ] as const) {
          assert.equal(
            awsEndpoint(service, { region, useFips, useDualStack }),
            config.endpointProvider(given).url.href.replace(/\/$/, ''),
          );
        }
      }
    }
  }
});
