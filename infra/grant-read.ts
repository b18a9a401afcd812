import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { CREDENTIAL_ID, type EnvironmentName, names, secretNames } from '../shared/config/names.ts';
import { READ_SECRETS, useThroughParameterStore, useThroughSecretsManager } from './data-key.ts';
import type { HttpReadApi } from './http-api.ts';
import { SettingsError } from './settings.ts';

/**
 * Lets `grantee` read the token of one credential at every door: its published secrets, its parameter, and its two
 * routes of the HTTP API. Throws {@link SettingsError} for what is no credential's id (a wildcard would open every door), and
 * for a grantee that cannot be granted anything from here.
 */
export function grantReadOf(
  api: HttpReadApi,
  env: EnvironmentName,
  credential: string,
  grantee: IGrantable,
  secretsKey: IKey | undefined,
): Grant {
  // What is not there would pass as the id "undefined".
  if (typeof credential !== 'string' || !CREDENTIAL_ID.test(credential)) {
    throw new SettingsError(
      'credential: expected one id of small letters, digits, ".", "_" and "-"; name each credential by itself.',
    );
  }
  const { lane, parameter } = secretNames(names(env).secretPrefix);
  // A lane is a number of one digit or two. Secrets Manager ends an ARN with six characters of its own; a secret that
  // is not there yet has none. `*` would match the slashes of other systems' names too.
  const lanes = ['?', '??'].flatMap((digits) => {
    const name = lane(credential, 0).replace(/0$/, digits);
    return [name, `${name}-??????`];
  });
  const secrets = lanes.map((resourceName) =>
    Stack.of(api).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  );
  const routes = [
    api.arnOf('GET', `/tokens/${credential}`),
    api.arnOf('POST', `/tokens/${credential}/refused`),
  ];
  addToPolicy(
    grantee,
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: secrets }),
  );
  addToPolicy(
    grantee,
    new PolicyStatement({
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      resources: [
        Stack.of(api).formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: parameter(credential).slice(1),
        }),
      ],
    }),
  );
  if (secretsKey) {
    addToPolicy(grantee, useThroughSecretsManager(secretsKey, READ_SECRETS));
    addToPolicy(grantee, useThroughParameterStore(secretsKey, READ_SECRETS));
  }
  return Grant.addToPrincipal({ grantee, actions: ['execute-api:Invoke'], resourceArns: routes });
}

/**
 * Throws for a grantee whose policies cannot be changed from here. The CDK drops a statement for one (a role of another
 * account, an imported role that is not to be changed) and says that it was added; the policy that took it is what tells.
 */
function addToPolicy({ grantPrincipal }: IGrantable, statement: PolicyStatement): void {
  const { statementAdded, policyDependable } = grantPrincipal.addToPrincipalPolicy(statement);
  const isTaken = Role.isRole(grantPrincipal) || Construct.isConstruct(policyDependable);
  if (statementAdded && isTaken) return;
  throw new SettingsError(
    'grantee: its policies cannot be changed from here; expected a role or user of this account that may be changed. For others make a role here that they may assume, and grant that one (docs/deploy.md, "Readers of another account").',
  );
}
