import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { ENVIRONMENTS, type EnvironmentName, names } from '../../shared/config/names.ts';
import { findMoto } from '../support/optional-tools.ts';
import type { Boto3 } from './boto3.ts';
import { LACKING, UNREADABLE } from './moto-gaps.ts';
import { changesOf, createStack, logGroups, madeBy, statusOf, updateStack } from './moto-stack.ts';
import { bothStacks, type MotoStacks } from './moto-stacks.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const { version, skip } = findMoto();
const skipLearnt = version?.startsWith('5.2.')
  ? false
  : 'SKIPPED: the list of what moto lacks was made with moto 5.2';
const ITEM = { credential: { S: 'acme' } };

describe(`the templates, applied to CloudFormation of moto ${version ?? ''}`.trim(), { skip }, () => {
  let stacks: MotoStacks;
  let aws: Boto3;

  before(async () => {
    stacks = await bothStacks();
    aws = stacks.aws;
  });

  it('make every resource but those of the types that moto is known to lack', () => {
    for (const env of ENVIRONMENTS) {
      const resources = Object.entries(stacks.of(env).template.Resources);
      const expected = resources.filter(([, { Type }]) => !LACKING.has(Type));
      const ids = stacks.madeIn(env).map(({ LogicalResourceId }) => LogicalResourceId);
      assert.deepEqual(ids.sort(), expected.map(([id]) => id).sort());
      assert.ok(expected.length > 25, `${expected.length}`);
    }
  });

  it('need nothing left out that they do not have', () => {
    const resources = Object.values(stacks.of('prd').template.Resources);
    const types = new Set(resources.map(({ Type }) => Type));
    assert.deepEqual(
      [...LACKING.keys()].filter((type) => !types.has(type)),
      [],
    );
    const properties = new Set(
      resources.flatMap(({ Type, Properties }) => Object.keys(Properties).map((name) => `${Type}.${name}`)),
    );
    assert.deepEqual(
      [...UNREADABLE.keys()].filter((property) => !properties.has(property)),
      [],
    );
  });

  it('need nothing left out that moto has learnt', { skip: skipLearnt }, async () => {
    for (const [at, Type] of [...LACKING.keys()].entries()) {
      const StackName = `gap-${at}`;
      const TemplateBody = JSON.stringify({ Resources: { Only: { Type, Properties: {} } } });
      await aws.call('cloudformation', 'create_stack', { StackName, TemplateBody });
      assert.deepEqual(await madeBy(aws, StackName), [], Type);
    }
    const Properties = { KeyPolicy: {}, Tags: [{ Key: 'app', Value: 'renova' }] };
    const TemplateBody = JSON.stringify({ Resources: { Only: { Type: 'AWS::KMS::Key', Properties } } });
    await assert.rejects(
      aws.call('cloudformation', 'create_stack', { StackName: 'unreadable', TemplateBody }),
    );
  });

  for (const env of ENVIRONMENTS) {
    it(`of ${env} are applied again without a change: nothing is made anew, and what is stored stays`, async () => {
      await aws.call('dynamodb', 'put_item', { TableName: names(env).credentialsTable, Item: ITEM });
      const { stack } = stacks.of(env);
      // With options it is made anew.
      using again = synthesize(env, { settings: {} });
      assert.deepEqual(await changesOf(aws, stack.stackName, again.template), []);
      await updateStack(aws, stack.stackName, again.template);
      assert.deepEqual(await madeBy(aws, stack.stackName), stacks.madeIn(env));
      assert.deepEqual(await storedItem(aws, env), ITEM);
    });
  }

  it('change what a setting says, and nothing that is retained', async () => {
    const { stack } = stacks.of('hml');
    using changed = synthesize('hml', { settings: { logRetentionDays: 365 } });
    const groups = resourcesOf(changed.template, 'AWS::Logs::LogGroup').map(({ id }) => id);
    assert.deepEqual(
      (await changesOf(aws, stack.stackName, changed.template)).sort(),
      groups.map((id) => `Modify AWS::Logs::LogGroup ${id}`).sort(),
    );
  });

  describe('when the stack of prd is deleted', () => {
    before(async () => {
      await aws.call('cloudformation', 'delete_stack', { StackName: 'renova-prd' });
    });

    it('leave its tables with what they hold, and their key', async () => {
      assert.equal(await statusOf(aws, 'renova-prd'), 'DELETE_COMPLETE');
      assert.deepEqual(await storedItem(aws, 'prd'), ITEM);
      const { TableNames } = await aws.call<{ TableNames: string[] }>('dynamodb', 'list_tables');
      assert.ok(TableNames.includes('renova-prd-quota'));
      const KeyId = stacks.physicalId('prd', 'TablesKeyD3984C03');
      await aws.call('kms', 'get_key_rotation_status', { KeyId });
    });

    it('leave nothing else of it, and everything of hml', async () => {
      const left = await namesLeft(aws);
      assert.deepEqual(
        left.filter((name) => name.includes('renova-prd')),
        [],
      );
      // Functions, rules, topic, queues, log groups.
      assert.equal(left.filter((name) => name.includes('renova-hml')).length, 3 + 4 + 1 + 2 + 4);
      assert.equal(await statusOf(aws, 'renova-hml'), 'UPDATE_COMPLETE');
    });

    it('cannot be applied anew while the tables are there, which have to be imported', async () => {
      const { stack, template } = stacks.of('prd');
      await assert.rejects(createStack(aws, `${stack.stackName}-anew`, template), {
        // In moto, CloudFormation's answer is DynamoDB's.
        message: /ResourceInUseException.*renova-prd-credentials/s,
      });
      assert.deepEqual(await storedItem(aws, 'prd'), ITEM);
    });
  });
});

async function storedItem(aws: Boto3, env: EnvironmentName): Promise<unknown> {
  const { credential } = ITEM;
  const query = { TableName: names(env).credentialsTable, Key: { credential } };
  return (await aws.call<{ Item?: unknown }>('dynamodb', 'get_item', query)).Item;
}

/** What functions, rules, topics, queues and log groups are called. */
async function namesLeft(aws: Boto3): Promise<string[]> {
  type Lists = {
    Functions: { FunctionName: string }[];
    Rules: { Name: string }[];
    Topics: { TopicArn: string }[];
    QueueUrls?: string[];
  };
  const { Functions } = await aws.call<Lists>('lambda', 'list_functions');
  const { Rules } = await aws.call<Lists>('events', 'list_rules');
  const { Topics } = await aws.call<Lists>('sns', 'list_topics');
  const { QueueUrls = [] } = await aws.call<Lists>('sqs', 'list_queues');
  const groups = await logGroups(aws, '');
  return [
    ...Functions.map(({ FunctionName }) => FunctionName),
    ...Rules.map(({ Name }) => Name),
    ...Topics.map(({ TopicArn }) => TopicArn),
    ...QueueUrls,
    ...groups.map(({ logGroupName }) => logGroupName),
  ];
}
