import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createTableInput } from '../../local/aws/dynamodb/create-tables.ts';
import { ENVIRONMENTS, names } from '../../shared/config/names.ts';
import { CREDENTIALS_TABLE, QUOTA_TABLE } from '../../shared/config/tables.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { findMoto } from '../support/optional-tools.ts';
import { createSecrets } from './generated-secrets.ts';
import { logGroups } from './moto-stack.ts';
import { bothStacks, type MotoStacks } from './moto-stacks.ts';
import { resolve } from './resolve.ts';
import { resourcesOf } from './synthesis.ts';

const { version, skip } = findMoto();

/**
 * What moto's CloudFormation ignores is asserted of the template alone: point-in-time recovery, TTL and encryption of
 * tables, architecture, tracing and logging of functions.
 */
for (const env of ENVIRONMENTS) {
  describe(`the stack of ${env} on moto ${version ?? ''}`.trim(), { skip }, () => {
    const { credentialsTable, quotaTable, secretPrefix } = names(env);
    let stacks: MotoStacks;
    before(async () => {
      stacks = await bothStacks();
    });

    it('make both tables with their keys and indexes, protected where it must be', async () => {
      for (const [name, definition] of [
        [credentialsTable, CREDENTIALS_TABLE],
        [quotaTable, QUOTA_TABLE],
      ] as const) {
        const { Table } = await stacks.aws.call<{ Table: Record<string, unknown> }>(
          'dynamodb',
          'describe_table',
          {
            TableName: name,
          },
        );
        const expected = createTableInput(name, definition);
        assert.deepEqual(Table.KeySchema, expected.KeySchema);
        assert.deepEqual(Table.AttributeDefinitions, expected.AttributeDefinitions);
        assert.deepEqual(Table.BillingModeSummary, { BillingMode: 'PAY_PER_REQUEST' });
        assert.equal(Table.DeletionProtectionEnabled, env === 'prd');
        const given = (Table.GlobalSecondaryIndexes ?? []) as Record<string, unknown>[];
        assert.deepEqual(
          given.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection })),
          expected.GlobalSecondaryIndexes ?? [],
        );
      }
    });

    it('make two keys that AWS rotates, each under its name', async () => {
      type Aliases = { Aliases: { AliasName: string; TargetKeyId: string }[] };
      const { Aliases } = await stacks.aws.call<Aliases>('kms', 'list_aliases');
      for (const [name, id] of [
        ['tables', 'TablesKeyD3984C03'],
        ['alerts', 'AlertsKey9E1197AF'],
      ] as const) {
        const alias = Aliases.find(({ AliasName }) => AliasName === `alias/renova-${env}-${name}`);
        assert.equal(alias?.TargetKeyId, stacks.physicalId(env, id));
        const KeyId = alias?.TargetKeyId;
        const rotation = await stacks.aws.call<object>('kms', 'get_key_rotation_status', { KeyId });
        assert.equal((rotation as { KeyRotationEnabled: boolean }).KeyRotationEnabled, true);
      }
    });

    it('make three functions as they are configured, each with the role that is its own', async () => {
      const { template } = stacks.of(env);
      const functions = resourcesOf(template, 'AWS::Lambda::Function');
      assert.equal(functions.length, 3);
      for (const { Properties } of functions) {
        const FunctionName = String(Properties.FunctionName);
        const { Configuration, Concurrency } = await stacks.aws.call<Record<string, Record<string, unknown>>>(
          'lambda',
          'get_function',
          { FunctionName },
        );
        for (const name of ['Runtime', 'Handler', 'Timeout', 'MemorySize']) {
          assert.equal(Configuration?.[name], Properties[name], `${FunctionName} ${name}`);
        }
        assert.deepEqual(Configuration?.Environment, resolve(template, Properties.Environment));
        assert.equal(Concurrency?.ReservedConcurrentExecutions, Properties.ReservedConcurrentExecutions);
        const [roleId] = (Properties.Role as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'];
        assert.ok(String(Configuration?.Role).endsWith(`:role/${stacks.physicalId(env, roleId)}`));
      }
    });

    it('give each role the policy that is its own, which IAM takes', async () => {
      const policies = resourcesOf(stacks.of(env).template, 'AWS::IAM::Policy');
      assert.equal(policies.length, 4);
      for (const { Properties } of policies) {
        const [role] = Properties.Roles as [{ Ref: string }];
        type Policy = { PolicyDocument: { Statement: { Action: unknown }[] } };
        const { PolicyDocument } = await stacks.aws.call<Policy>('iam', 'get_role_policy', {
          RoleName: stacks.physicalId(env, role.Ref),
          PolicyName: Properties.PolicyName,
        });
        const { Statement } = Properties.PolicyDocument as Policy['PolicyDocument'];
        assert.deepEqual(
          PolicyDocument.Statement.map(({ Action }) => Action),
          Statement.map(({ Action }) => Action),
        );
      }
    });

    it('route the events that people are told of to a topic with a key of its own', async () => {
      const { template } = stacks.of(env);
      const TopicArn = `arn:aws:sns:us-east-1:000000000000:renova-${env}-alerts`;
      const rules = resourcesOf(template, 'AWS::Events::Rule');
      assert.equal(rules.length, 4);
      for (const { Properties } of rules) {
        const rule = { Name: Properties.Name };
        const given = await stacks.aws.call<{ EventPattern: string; State: string }>(
          'events',
          'describe_rule',
          rule,
        );
        assert.equal(given.State, 'ENABLED');
        assert.deepEqual(JSON.parse(given.EventPattern), Properties.EventPattern);
        type Targets = { Targets: Record<string, unknown>[] };
        const { Targets } = await stacks.aws.call<Targets>('events', 'list_targets_by_rule', {
          Rule: Properties.Name,
        });
        assert.deepEqual(Targets, resolve(template, Properties.Targets));
        assert.equal(Targets[0]?.Arn, TopicArn);
      }
      type Topic = { Attributes: { KmsMasterKeyId: string } };
      const { Attributes } = await stacks.aws.call<Topic>('sns', 'get_topic_attributes', { TopicArn });
      assert.ok(Attributes.KmsMasterKeyId.endsWith(`:key/${stacks.physicalId(env, 'AlertsKey9E1197AF')}`));
    });

    it('make encrypted queues, logs that end, and a dashboard that can be read', async () => {
      const queues = resourcesOf(stacks.of(env).template, 'AWS::SQS::Queue');
      assert.equal(queues.length, 2);
      for (const { id } of queues) {
        const QueueUrl = stacks.physicalId(env, id);
        type Queue = { Attributes: Record<string, string> };
        const { Attributes } = await stacks.aws.call<Queue>('sqs', 'get_queue_attributes', {
          QueueUrl,
          AttributeNames: ['All'],
        });
        assert.equal(Attributes.SqsManagedSseEnabled, 'true');
        assert.equal(Attributes.MessageRetentionPeriod, String(14 * 86_400));
      }
      const groups = await logGroups(stacks.aws, env);
      assert.equal(groups.length, 4);
      for (const { retentionInDays } of groups) assert.equal(retentionInDays, env === 'prd' ? 365 : 30);
      const { DashboardBody } = await stacks.aws.call<{ DashboardBody: string }>(
        'cloudwatch',
        'get_dashboard',
        {
          DashboardName: `renova-${env}`,
        },
      );
      assert.ok((JSON.parse(DashboardBody) as { widgets: object[] }).widgets.length > 5);
    });

    it('have seal keys generated by their rules, each another', async () => {
      const client = new SecretsManagerClient(testClientOptions(stacks.endpoint));
      await createSecrets(stacks.of(env).template, client);
      const keys = new Set<string>();
      for (const ring of ['access', 'refresh']) {
        const command = new GetSecretValueCommand({ SecretId: `${secretPrefix}/seal/${ring}` });
        const { SecretString = '' } = await client.send(command);
        const { current, key } = JSON.parse(SecretString) as { current: string; key: string };
        assert.equal(current, '1');
        assert.match(key, /^[0-9a-f]{64}$/);
        keys.add(key);
      }
      client.destroy();
      assert.equal(keys.size, 2);
    });
  });
}
