import type { FunctionRole } from './functions.ts';
import { type EnvironmentName, EVENT_SOURCE, names, READERS_ALIAS, secretNames } from './names.ts';
import { CREDENTIALS_TABLE } from './tables.ts';

/** Something that the role of a function must be allowed to do: each action on each resource. */
export interface FunctionNeed {
  /** What does not work without it, as the end of a sentence: `the ledger`. */
  readonly what: string;
  readonly actions: readonly string[];
  /** Service and resource of an ARN: `dynamodb:table/renova-prd-credentials`. */
  readonly resources: readonly string[];
  /** Keys of the request that the permission may ask for. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * What each function must be allowed to do, for whoever simulates it. Credentials and apps are stood for by the
 * credential `any` and the app `any`; a secret ends with six characters of AWS's own.
 */
export function functionNeeds(env: EnvironmentName): Readonly<Record<FunctionRole, readonly FunctionNeed[]>> {
  const { credentialsTable, quotaTable, refreshFunction, secretPrefix } = names(env);
  const { client, app, rescue, lane, parameter, accessRing, refreshRing } = secretNames(secretPrefix);
  const table = `dynamodb:table/${credentialsTable}`;
  const quota = `dynamodb:table/${quotaTable}`;
  const clients = [client('any'), app('any')].map(secret);
  const lanes = [secret(lane('any', 0))];
  const allow = (
    what: string,
    actions: string,
    resources: readonly string[],
    context?: FunctionNeed['context'],
  ): FunctionNeed => ({ what, actions: actions.split(' '), resources, ...(context && { context }) });
  return {
    refresh: [
      allow('the ledger', CHANGE_LEDGER, [table]),
      allow('finding what is due or in trouble', 'dynamodb:Query', [
        `${table}/index/${CREDENTIALS_TABLE.indexes[0].name}`,
        `${table}/index/${CREDENTIALS_TABLE.indexes[2].name}`,
      ]),
      allow('permits', 'dynamodb:GetItem dynamodb:PutItem', [quota]),
      allow('the seal rings', CHANGE_SECRET, [accessRing, refreshRing].map(secret)),
      allow('client secrets', CHANGE_SECRET, clients),
      allow('rescue copies', `secretsmanager:GetSecretValue ${STORE_SECRET}`, [secret(rescue('any'))]),
      allow('publishing', `secretsmanager:GetSecretValue ${STORE_SECRET}`, lanes),
      allow('publishing in parameters', 'ssm:PutParameter', [`ssm:parameter${parameter('any')}`]),
      allow('telling events', 'events:PutEvents', ['events:event-bus/default'], {
        'events:source': EVENT_SOURCE,
      }),
    ],
    read: [
      allow('the ledger', 'dynamodb:GetItem', [table]),
      allow('the seal ring of access tokens', READ_SECRET, [secret(accessRing)]),
      allow('asking for a refresh', 'lambda:InvokeFunction', [
        `lambda:function:${refreshFunction}:${READERS_ALIAS}`,
      ]),
    ],
    admin: [
      allow('the ledger', CHANGE_LEDGER, [table]),
      allow('who shares a quota', 'dynamodb:Query dynamodb:Scan', [
        `${table}/index/${CREDENTIALS_TABLE.indexes[1].name}`,
      ]),
      allow('quotas in use', 'dynamodb:GetItem', [quota]),
      allow('registering and removing', `${STORE_SECRET} ${TAG_AND_DELETE}`, [...clients, ...lanes]),
      allow('removing rescue copies', `secretsmanager:DescribeSecret ${TAG_AND_DELETE}`, [
        secret(rescue('any')),
      ]),
      allow('removing parameters', 'ssm:DeleteParameter', [`ssm:parameter${parameter('any')}`]),
      allow('asking the refresh function', 'lambda:InvokeFunction', [`lambda:function:${refreshFunction}`]),
    ],
  };
}

const CHANGE_LEDGER = 'dynamodb:GetItem dynamodb:PutItem dynamodb:Scan';
const READ_SECRET = 'secretsmanager:GetSecretValue secretsmanager:DescribeSecret';
const CHANGE_SECRET = `${READ_SECRET} secretsmanager:PutSecretValue`;
const STORE_SECRET =
  'secretsmanager:PutSecretValue secretsmanager:CreateSecret secretsmanager:DescribeSecret secretsmanager:RestoreSecret';
const TAG_AND_DELETE = 'secretsmanager:TagResource secretsmanager:UntagResource secretsmanager:DeleteSecret';

function secret(name: string): string {
  return `secretsmanager:secret:${name}-AbCdEf`;
}
