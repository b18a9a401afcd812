import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Stack, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { acknowledgeFindings } from '../../infra/accepted-findings.ts';
import { Renova } from '../../infra/renova.ts';
import { EVENT_TYPES } from '../../shared/config/events.ts';
import { takesLong } from '../runner/amount.ts';
import { findCfnLint } from '../support/optional-tools.ts';
import { everySetting } from './every-setting.ts';
import { policies, statementsOf } from './policy.ts';
import { type ResolvableTemplate, resolve, type TemplateResource } from './resolve.ts';
import { quickApp, resourcesOf } from './synthesis.ts';

const folder = mkdtempSync(join(tmpdir(), 'renova-platform-'));
const { skip } = findCfnLint();

const PARTITIONS = { aws: 'sa-east-1', 'aws-us-gov': 'us-gov-west-1', 'aws-cn': 'cn-north-1' } as const;

/** An app of somebody else's with every setting on, in every partition, checked by three packs of cdk-nag. */
function synthesizeEverywhere(): void {
  const app = quickApp({ outdir: folder });
  Validations.of(app).addPlugins(
    new AwsSolutionsChecks(app),
    new NIST80053R5Checks(app),
    new PCIDSS321Checks(app),
  );
  for (const [partition, region] of Object.entries(PARTITIONS)) {
    const stack = new Stack(app, partition, { env: { account: '111111111111', region } });
    const renova = new Renova(stack, 'Renova', { env: 'prd', settings: everySetting(partition, region) });
    acknowledgeFindings(renova);
    if (partition === 'aws') {
      const role = new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      renova.grantRead('acme', role);
      Validations.of(role).acknowledge(...READER_FINDINGS);
    }
  }
  app.synth();
}

/** The test's own role reads lanes by a pattern of their numbers. */
const LANES = ['token/?', 'token/?-??????', 'token/??', 'token/??-??????'];
const READER_FINDINGS = [
  ...LANES.map((lane) => ({
    id: `AwsSolutions-IAM5[Resource::arn:aws:secretsmanager:sa-east-1:111111111111:secret:renova/prd/acme/${lane}]`,
    reason: 'The lanes of one credential.',
  })),
  ...['NIST.800.53.R5', 'PCI.DSS.321'].map((pack) => ({
    id: `${pack}-IAMNoInlinePolicy`,
    reason: 'The policy is of this role.',
  })),
];

describe('every setting of a platform team, in every partition', () => {
  after(() => rmSync(folder, { recursive: true, force: true }));
  let finding: unknown;
  try {
    synthesizeEverywhere();
  } catch (error) {
    // A pack has a finding that is not accepted.
    finding = error;
  }
  const fileOf = (partition: string) => join(folder, `${partition}.template.json`);
  const textOf = (partition: string) => readFileSync(fileOf(partition), 'utf8');
  const template = JSON.parse(textOf('aws')) as ResolvableTemplate;
  const functionsThatMakeSecrets = () =>
    resourcesOf(template, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.FunctionName !== 'renova-prd-webhook',
    );
  const isOfAlerts = ({ Properties }: TemplateResource) => String(Properties.Name).includes('-alerts-');
  const keyOf = (use: string) =>
    resourcesOf(template, 'AWS::KMS::Alias').find(
      ({ Properties }) => Properties.AliasName === `alias/renova-prd-${use}`,
    )?.Properties.TargetKeyId;

  it('has no finding of cdk-nag (AwsSolutions, NIST 800-53, PCI DSS) but those accepted with a reason', () => {
    assert.equal(finding, undefined);
  });

  it('has none of cfn-lint', { skip: skip || takesLong }, () => {
    const files = Object.keys(PARTITIONS).map(fileOf);
    const regions = Object.values(PARTITIONS).flatMap((region) => ['-r', region]);
    const { status, stdout } = spawnSync(
      'cfn-lint',
      ['-i', 'W3005', ...regions.slice(0, 2), '--', ...files],
      {
        encoding: 'utf8',
      },
    );
    assert.equal(status, 0, stdout);
  });

  it('names no partition but its own', () => {
    for (const partition of ['aws-us-gov', 'aws-cn']) {
      assert.deepEqual([...textOf(partition).matchAll(/arn:aws:[^"]*/g)].map(String), []);
    }
  });

  it('encrypts secrets, rings and logs with keys of the stack', () => {
    for (const { Properties } of resourcesOf(template, 'AWS::Logs::LogGroup')) {
      assert.deepEqual(Properties.KmsKeyId, keyOf('logs'));
    }
    for (const { Properties } of resourcesOf(template, 'AWS::SecretsManager::Secret')) {
      const isRing = String(Properties.Name).includes('/seal/');
      assert.deepEqual(Properties.KmsKeyId, keyOf(isRing ? 'rings' : 'secrets'));
    }
    for (const { Properties } of functionsThatMakeSecrets()) {
      const { Variables } = Properties.Environment as { Variables: Record<string, unknown> };
      assert.deepEqual(Variables.RENOVA_SECRETS_KEY, keyOf('secrets'));
    }
    const topics = resourcesOf(template, 'AWS::SNS::Topic');
    assert.deepEqual(
      topics.map(({ Properties }) => Properties.TopicName),
      ['renova-prd-alerts', 'renova-prd-chat'],
    );
    for (const { Properties } of topics) {
      assert.match(JSON.stringify(Properties.KmsMasterKeyId), /1234abcd-12ab-34cd-56ef-1234567890ab/);
    }
  });

  it('keeps the keys of what outlives the stack, and lets the key of logs go with them', () => {
    const policyOf = (use: string) => {
      const { 'Fn::GetAtt': attribute } = keyOf(use) as { 'Fn::GetAtt': [string, string] };
      return template.Resources[attribute[0]]?.DeletionPolicy;
    };
    assert.equal(policyOf('secrets'), 'RetainExceptOnCreate');
    assert.equal(policyOf('rings'), 'RetainExceptOnCreate');
    assert.equal(policyOf('logs'), 'Delete');
  });

  it('lets each function use the keys that its secrets need, through Secrets Manager and Parameter Store alone', () => {
    const used = (name: string, service = 'secretsmanager') =>
      statementsOf(template, name)
        .filter(({ condition }) => JSON.stringify(condition ?? '').includes(`${service}.`))
        .map(({ actions, resources }) => [resources.length, ...actions].join(' '));
    assert.deepEqual(used('renova-prd-refresh'), [
      '1 kms:Decrypt kms:GenerateDataKey',
      '1 kms:Decrypt kms:GenerateDataKey',
    ]);
    assert.deepEqual(used('renova-prd-admin'), [
      '1 kms:Decrypt kms:GenerateDataKey',
      '1 kms:Decrypt kms:GenerateDataKey',
    ]);
    assert.deepEqual(used('renova-prd-read'), ['1 kms:Decrypt']);
    assert.deepEqual(used('renova-prd-webhook'), ['1 kms:Decrypt']);
    assert.deepEqual(used('renova-prd-refresh', 'ssm'), ['1 kms:Encrypt kms:GenerateDataKey']);
    for (const name of ['renova-prd-admin', 'renova-prd-read']) assert.deepEqual(used(name, 'ssm'), []);
  });

  it('bounds every role', () => {
    const roles = resourcesOf(template, 'AWS::IAM::Role').filter(({ id }) => id.startsWith('Renova'));
    assert.equal(roles.length, 7);
    for (const { id, Properties } of roles) {
      assert.equal(Properties.PermissionsBoundary, 'arn:aws:iam::111111111111:policy/platform/boundary', id);
    }
  });

  it('tags what it makes, and has the functions tag what they make', () => {
    for (const type of ['AWS::Lambda::Function', 'AWS::KMS::Key', 'AWS::EC2::EIP', 'AWS::SNS::Topic']) {
      for (const { Properties } of resourcesOf(template, type)) {
        assert.match(
          JSON.stringify(Properties.Tags),
          /"cost-center","Value":"4711".*"owner","Value":"payments"/,
        );
      }
    }
    for (const { Properties } of functionsThatMakeSecrets()) {
      const { Variables } = Properties.Environment as { Variables: Record<string, string> };
      assert.deepEqual(JSON.parse(Variables.RENOVA_TAGS ?? ''), { owner: 'payments', 'cost-center': '4711' });
      assert.equal(Variables.RENOVA_RUNBOOK, 'https://wiki.bank.example/renova');
    }
  });

  it('sets no concurrency aside, and says how to start a function again in that case', () => {
    for (const { Properties } of resourcesOf(template, 'AWS::Lambda::Function')) {
      assert.equal(Properties.ReservedConcurrentExecutions, undefined);
    }
    const throttles = resourcesOf(template, 'AWS::CloudWatch::Alarm').filter(({ Properties }) =>
      String(Properties.AlarmName).endsWith('-throttles'),
    );
    assert.equal(throttles.length, 3);
    for (const { Properties } of throttles) {
      assert.match(
        String(Properties.AlarmDescription),
        /delete-function-concurrency .*https:\/\/wiki\.bank\.example/,
      );
    }
  });

  it('tells a topic that is there already of every alarm, of their sum, and of every alert', () => {
    const topic = 'arn:aws:sns:sa-east-1:111111111111:platform-alarms';
    for (const { Properties } of resourcesOf(template, 'AWS::CloudWatch::Alarm')) {
      for (const actions of [Properties.AlarmActions, Properties.OKActions] as unknown[][]) {
        assert.equal(actions.length, 3);
        assert.equal(actions[1], topic);
      }
    }
    const [unwell] = resourcesOf(template, 'AWS::CloudWatch::CompositeAlarm');
    assert.deepEqual(unwell?.Properties.AlarmActions, [topic]);
    for (const { Properties } of resourcesOf(template, 'AWS::Events::Rule').filter(isOfAlerts)) {
      const targets = Properties.Targets as { Arn: unknown; DeadLetterConfig: unknown }[];
      assert.equal(targets[1]?.Arn, topic);
      assert.ok(targets[1]?.DeadLetterConfig);
    }
  });

  it('lets a reader decrypt the secrets that it is granted', () => {
    const reader = policies(template).find(({ id }) => id.startsWith('Reader'));
    const decrypts = reader?.statements.filter(({ actions }) => actions.includes('kms:Decrypt')) ?? [];
    assert.equal(decrypts.length, 2);
    for (const [at, service] of ['secretsmanager', 'ssm'].entries()) {
      assert.deepEqual(decrypts[at]?.resources, [resolve(template, keyOf('secrets'))]);
      assert.match(JSON.stringify(decrypts[at]?.condition), new RegExp(`"${service}\\.sa-east-1\\.`));
    }
  });

  it('posts alerts and alarms to the webhook, twenty times three minutes apart, then keeps them and says so', () => {
    const queue = (name: string) =>
      resourcesOf(template, 'AWS::SQS::Queue').find(({ Properties }) => Properties.QueueName === name) ??
      assert.fail(name);
    const [waiting, dead] = ['renova-prd-webhook', 'renova-prd-undelivered-webhooks'].map(queue);
    const arnOf = (id = '') => ({ 'Fn::GetAtt': [id, 'Arn'] });
    assert.deepEqual(waiting?.Properties.RedrivePolicy, {
      deadLetterTargetArn: arnOf(dead?.id),
      maxReceiveCount: 20,
    });
    assert.equal(waiting?.Properties.VisibilityTimeout, 180);
    assert.ok(Number(waiting?.Properties.MessageRetentionPeriod) > 20 * 180);
    const rules = resourcesOf(template, 'AWS::Events::Rule').filter((rule) => !isOfAlerts(rule));
    assert.deepEqual(
      rules.map(({ Properties }) => Properties.EventPattern),
      [
        {
          source: ['renova'],
          'detail-type': EVENT_TYPES.filter((type) => type !== 'Token Refreshed'),
          detail: { environment: ['prd'] },
        },
        {
          source: ['aws.cloudwatch'],
          'detail-type': ['CloudWatch Alarm State Change'],
          detail: { alarmName: [{ prefix: 'renova-prd-' }] },
        },
      ],
    );
    for (const { Properties } of rules) {
      const [target] = Properties.Targets as { Arn: unknown; DeadLetterConfig: unknown }[];
      assert.deepEqual(target?.Arn, arnOf(waiting?.id));
      assert.deepEqual(target?.DeadLetterConfig, { Arn: arnOf(dead?.id) });
    }
    const [source] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    assert.partialDeepStrictEqual(source?.Properties, {
      BatchSize: 1,
      EventSourceArn: arnOf(waiting?.id),
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    const alarm = resourcesOf(template, 'AWS::CloudWatch::Alarm').find(
      ({ Properties }) => Properties.AlarmName === 'renova-prd-undelivered-webhooks',
    );
    assert.match(String(alarm?.Properties.AlarmDescription), /start-message-move-task/);
  });

  it('lets the webhook read its key, and do nothing else to a secret', () => {
    const secrets = statementsOf(template, 'renova-prd-webhook').filter(({ actions }) =>
      actions.some((action) => action.startsWith('secretsmanager:')),
    );
    assert.deepEqual(
      secrets.map(({ actions, resources }) => [...actions, ...resources]),
      [
        [
          'secretsmanager:GetSecretValue',
          'arn:aws:secretsmanager:us-east-1:000000000000:secret:renova/prd/webhook-aaaaaa',
        ],
      ],
    );
  });

  it('tells a chat channel, whose members can do nothing by it, in custom notifications', () => {
    const [slack] = resourcesOf(template, 'AWS::Chatbot::SlackChannelConfiguration');
    assert.partialDeepStrictEqual(slack?.Properties, {
      ConfigurationName: 'renova-prd-chat',
      SlackWorkspaceId: 'T0123ABCD',
      SlackChannelId: 'C0123ABCDEF',
      GuardrailPolicies: [
        { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/AWSDenyAll']] },
      ],
    });
    const { IamRoleArn } = slack?.Properties ?? {};
    const [roleId = ''] = (IamRoleArn as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
    assert.ok(template.Resources[roleId]);
    assert.ok(!policies(template).some(({ roleIds }) => roleIds.includes(roleId)));
    for (const { Properties } of resourcesOf(template, 'AWS::Events::Rule').filter(isOfAlerts)) {
      const targets = Properties.Targets as { InputTransformer: { InputTemplate: string } }[];
      const notification = JSON.parse(targets[2]?.InputTransformer.InputTemplate ?? '') as {
        version: string;
        source: string;
        content: Record<string, string>;
      };
      assert.deepEqual([notification.version, notification.source], ['1.0', 'custom']);
      assert.match(notification.content.title ?? '', /^Renova <[\w-]+>: /);
      assert.match(notification.content.description ?? '', /<[\w-]+>/);
    }
  });
});
