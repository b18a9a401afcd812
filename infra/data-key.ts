import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { EnvironmentName } from '../shared/config/names.ts';
import { decidedByAccount } from './key-policy.ts';

/** The key that encrypts the tables. It outlives its stack as they do, and AWS rotates it once a year. */
export function createDataKey(scope: Construct, id: string, env: EnvironmentName): Key {
  return new Key(scope, id, {
    alias: `renova-${env}-tables`,
    description: `Encrypts the tables of Renova ${env}`,
    policy: decidedByAccount(),
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
}

/** What DynamoDB does with the key in the name of whoever reads a table. */
export const READ_ENCRYPTED = ['kms:Decrypt', 'kms:DescribeKey'];

/** And of whoever writes to it. Too few would be noticed after a token was spent: these are those of its guide. */
export const WRITE_ENCRYPTED = [
  ...READ_ENCRYPTED,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** What Secrets Manager does with a key in the name of whoever reads a secret. */
export const READ_SECRETS = ['kms:Decrypt'];

/** And of whoever writes one, or makes one. */
export const WRITE_SECRETS = [...READ_SECRETS, 'kms:GenerateDataKey'];

/** What Parameter Store does with a key in the name of whoever writes a SecureString, of either tier. */
export const WRITE_PARAMETERS = ['kms:Encrypt', 'kms:GenerateDataKey'];

/** Use of a key through Secrets Manager alone, by either name that it may have. */
export function useThroughSecretsManager(key: IKey, actions: string[]): PolicyStatement {
  return useThrough('secretsmanager', key, actions);
}

/** Use of a key through Parameter Store alone. */
export function useThroughParameterStore(key: IKey, actions: string[]): PolicyStatement {
  return useThrough('ssm', key, actions);
}

function useThrough(service: 'secretsmanager' | 'ssm', key: IKey, actions: string[]): PolicyStatement {
  const { region, urlSuffix } = Stack.of(key);
  const hosts = [`${service}.${region}.amazonaws.com`, `${service}.${region}.${urlSuffix}`];
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions,
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': hosts } },
  });
}

/**
 * Use of the key through DynamoDB alone: nobody can decrypt anything with it directly. Services of China are called
 * by either name, and AWS's pages do not say which one KMS is told.
 */
export function useThroughDynamoDb(key: Key, actions: string[]): PolicyStatement {
  const { region, urlSuffix } = Stack.of(key);
  return new PolicyStatement({
    sid: 'KeyOfTables',
    effect: Effect.ALLOW,
    actions,
    resources: [key.keyArn],
    conditions: {
      StringEquals: {
        'kms:ViaService': [`dynamodb.${region}.amazonaws.com`, `dynamodb.${region}.${urlSuffix}`],
      },
    },
  });
}
