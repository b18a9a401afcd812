import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import { type EnvironmentName, EVENT_SOURCE, names, secretNames } from '../shared/config/names.ts';
import { CREDENTIALS_TABLE } from '../shared/config/tables.ts';
import {
  READ_ENCRYPTED,
  READ_SECRETS,
  useThroughDynamoDb,
  useThroughParameterStore,
  useThroughSecretsManager,
  WRITE_ENCRYPTED,
  WRITE_PARAMETERS,
  WRITE_SECRETS,
} from './data-key.ts';
import type { Functions } from './functions.ts';
import type { OwnKeys } from './own-keys.ts';
import type { SealKeys } from './seal-keys.ts';
import type { Tables } from './tables.ts';

export interface PermissionsProps {
  readonly env: EnvironmentName;
  readonly tables: Tables;
  readonly sealKeys: SealKeys;
  readonly functions: Functions;
  readonly keys: OwnKeys;
}

/**
 * Gives each function what its calls need, action by action. Only the refresh function holds client secrets
 * and the key of refresh tokens; the read function writes nothing; the admin function stores client secrets
 * that it cannot read.
 */
export function grantPermissions(props: PermissionsProps): void {
  const { refresh, read, admin } = props.functions;
  for (const statement of refreshStatements(props)) refresh.addToRolePolicy(statement);
  for (const statement of readStatements(props)) read.addToRolePolicy(statement);
  for (const statement of adminStatements(props)) admin.addToRolePolicy(statement);
  for (const each of [refresh, admin]) {
    each.addToRolePolicy(nobodyElsesSecrets(props));
    each.addToRolePolicy(nobodyElsesParameters(props));
  }
  const { secrets, rings } = props.keys;
  for (const key of new Set([secrets, rings])) {
    if (!key) continue;
    for (const each of [refresh, admin]) each.addToRolePolicy(useThroughSecretsManager(key, WRITE_SECRETS));
    if (key === secrets) refresh.addToRolePolicy(useThroughParameterStore(key, WRITE_PARAMETERS));
    if (key === rings) read.addToRolePolicy(useThroughSecretsManager(key, READ_SECRETS));
  }
}

function refreshStatements({ env, tables, sealKeys, functions }: PermissionsProps): PolicyStatement[] {
  const stack = Stack.of(functions);
  const { client, app, rescue, lanes } = credentialSecrets(stack, env);
  const [due, , attention] = CREDENTIALS_TABLE.indexes;
  const index = ({ name }: { readonly name: string }) => `${tables.credentials.tableArn}/index/${name}`;
  return [
    allow('Ledger', CHANGE_LEDGER, [tables.credentials.tableArn]),
    allow('WhatIsDueOrInTrouble', ['dynamodb:Query'], [index(due), index(attention)]),
    allow('Quota', ['dynamodb:GetItem', 'dynamodb:PutItem'], [tables.quota.tableArn]),
    useThroughDynamoDb(tables.key, WRITE_ENCRYPTED),
    allow('SealKeys', CHANGE_SECRET, [sealKeys.access.secretArn, sealKeys.refresh.secretArn]),
    allow('ClientSecrets', CHANGE_SECRET, [...client, ...app]),
    allow(
      'RescueCopies',
      ['secretsmanager:GetSecretValue', ...STORE_SECRET, 'secretsmanager:TagResource'],
      rescue,
    ),
    allow(
      'PublishedTokens',
      ['secretsmanager:GetSecretValue', ...STORE_SECRET, 'secretsmanager:TagResource'],
      lanes,
    ),
    allow(
      'PublishedParameters',
      ['ssm:PutParameter', 'ssm:AddTagsToResource'],
      [parameters(stack, env, '*')],
    ),
    allow('Events', ['events:PutEvents'], [stack.formatArn(DEFAULT_BUS)], {
      StringEquals: { 'events:source': EVENT_SOURCE },
    }),
  ];
}

function readStatements({ tables, sealKeys, functions }: PermissionsProps): PolicyStatement[] {
  return [
    allow('Ledger', ['dynamodb:GetItem'], [tables.credentials.tableArn]),
    useThroughDynamoDb(tables.key, READ_ENCRYPTED),
    allow('SealKeyOfAccessTokens', READ_SECRET, [sealKeys.access.secretArn]),
    // The alias alone: by the function's own name its role could send every message.
    allow('AskRefresh', ['lambda:InvokeFunction'], [functions.refreshForReaders.functionArn]),
  ];
}

function adminStatements({ env, tables, functions }: PermissionsProps): PolicyStatement[] {
  const { client, app, rescue, lanes } = credentialSecrets(Stack.of(functions), env);
  return [
    allow('Ledger', ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'], [tables.credentials.tableArn]),
    allow(
      'WhoSharesAQuota',
      ['dynamodb:Query', 'dynamodb:Scan'],
      [`${tables.credentials.tableArn}/index/${CREDENTIALS_TABLE.indexes[1].name}`],
    ),
    allow('QuotasInUse', ['dynamodb:GetItem'], [tables.quota.tableArn]),
    useThroughDynamoDb(tables.key, WRITE_ENCRYPTED),
    allow('RegisterAndRemove', [...STORE_SECRET, ...TAG_AND_DELETE], [...client, ...app, ...lanes]),
    allow('RemoveRescueCopies', ['secretsmanager:DescribeSecret', ...TAG_AND_DELETE], rescue),
    allow(
      'RemoveParameters',
      ['ssm:DeleteParameter', 'ssm:AddTagsToResource', 'ssm:RemoveTagsFromResource'],
      [parameters(Stack.of(functions), env, '*')],
    ),
    allow('AskRefresh', ['lambda:InvokeFunction'], [functions.refresh.functionArn]),
  ];
}

/**
 * A `*` of IAM matches slashes too, and another system may have secrets below the same prefix. What has more parts
 * than a secret of Renova's is denied, whatever a pattern above would match.
 */
function nobodyElsesSecrets({ env, functions }: PermissionsProps): PolicyStatement {
  const { client, app, rescue } = secretNames(names(env).secretPrefix);
  const deeper = [
    `${client('*/*')}*`,
    app('*/*'),
    `${rescue('*/*')}*`,
    everyLane(env, '*/*'),
    `${everyLane(env, '*')}/*`,
  ];
  return new PolicyStatement({
    sid: 'NobodyElsesSecrets',
    effect: Effect.DENY,
    actions: [...new Set([...CHANGE_SECRET, ...STORE_SECRET, ...TAG_AND_DELETE])],
    resources: deeper.map((name) => secretArn(Stack.of(functions), name)),
  });
}

/** The same for parameters. */
function nobodyElsesParameters({ env, functions }: PermissionsProps): PolicyStatement {
  return new PolicyStatement({
    sid: 'NobodyElsesParameters',
    effect: Effect.DENY,
    actions: [
      'ssm:PutParameter',
      'ssm:DeleteParameter',
      'ssm:AddTagsToResource',
      'ssm:RemoveTagsFromResource',
    ],
    resources: [parameters(Stack.of(functions), env, '*/*')],
  });
}

/** Scanning is for what concerns all credentials: listing them, and sealing their tokens anew. */
const CHANGE_LEDGER = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Scan'];

/** Describing tells a secret that is scheduled for deletion from one that cannot be read for another reason. */
const READ_SECRET = ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'];

/** Rotating a seal key and updating a client secret begin with what is there. */
const CHANGE_SECRET = [...READ_SECRET, 'secretsmanager:PutSecretValue'];

/** Putting a value into a secret that may be there, may have to be created, or may be scheduled for deletion. */
const STORE_SECRET = [
  'secretsmanager:PutSecretValue',
  'secretsmanager:CreateSecret',
  'secretsmanager:DescribeSecret',
  'secretsmanager:RestoreSecret',
];

const TAG_AND_DELETE = [
  'secretsmanager:TagResource',
  'secretsmanager:UntagResource',
  'secretsmanager:DeleteSecret',
];

const DEFAULT_BUS = { service: 'events', resource: 'event-bus', resourceName: 'default' };

/** ARN pattern of the parameters of credentials. */
function parameters(stack: Stack, env: EnvironmentName, credential: string): string {
  const { parameter } = secretNames(names(env).secretPrefix);
  return stack.formatArn({
    service: 'ssm',
    resource: 'parameter',
    resourceName: parameter(credential).slice(1),
  });
}

/** ARN patterns of the secrets of all credentials, whose ids hold no slash. */
function credentialSecrets(stack: Stack, env: EnvironmentName) {
  const { client, app, rescue } = secretNames(names(env).secretPrefix);
  return {
    app: [secretArn(stack, app('*'))],
    client: arnsOf(stack, client('*')),
    rescue: arnsOf(stack, rescue('*')),
    lanes: [secretArn(stack, everyLane(env, '*'))],
  };
}

function everyLane(env: EnvironmentName, credential: string): string {
  return secretNames(names(env).secretPrefix).lane(credential, 0).replace(/0$/, '*');
}

/**
 * Secrets Manager ends every ARN with a hyphen and six characters of its own. A secret that is not there yet
 * has none: without the bare name, asking for it would be denied instead of answered with "not found".
 */
function arnsOf(stack: Stack, name: string): string[] {
  return [secretArn(stack, name), secretArn(stack, `${name}-??????`)];
}

function secretArn(stack: Stack, resourceName: string): string {
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  return stack.formatArn({ service: 'secretsmanager', resource: 'secret', resourceName, arnFormat });
}

function allow(
  sid: string,
  actions: string[],
  resources: string[],
  conditions?: PolicyStatementProps['conditions'],
): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, conditions });
}
