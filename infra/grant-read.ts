import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { CREDENTIAL_ID, type EnvironmentName, names, secretNames } from '../shared/config/names.ts';
import type { HttpReadApi } from './http-api.ts';
import { SettingsError } from './settings.ts';

/**
 * Lets `grantee` read the token of one credential at both doors: its published secrets, and its two routes of the
 * HTTP API. Throws {@link SettingsError} for what is no credential's id: a wildcard would open every door.
 */
export function grantReadOf(
  api: HttpReadApi,
  env: EnvironmentName,
  credential: string,
  grantee: IGrantable,
): Grant {
  // What is not there would pass as the id "undefined".
  if (typeof credential !== 'string' || !CREDENTIAL_ID.test(credential)) {
    throw new SettingsError(
      'credential: expected one id of small letters, digits, ".", "_" and "-"; name each credential by itself.',
    );
  }
  const lane = secretNames(names(env).secretPrefix).lane(credential, 0);
  const secrets = Grant.addToPrincipal({
    grantee,
    actions: ['secretsmanager:GetSecretValue'],
    resourceArns: [
      Stack.of(api).formatArn({
        service: 'secretsmanager',
        resource: 'secret',
        resourceName: lane.replace(/0$/, '*'),
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    ],
  });
  const routes = Grant.addToPrincipal({
    grantee,
    actions: ['execute-api:Invoke'],
    resourceArns: [
      api.arnOf('GET', `/tokens/${credential}`),
      api.arnOf('POST', `/tokens/${credential}/refused`),
    ],
  });
  return secrets.combine(routes);
}
