import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { type ResolvableTemplate, resolve } from './resolve.ts';
import { allStatements } from './statements.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

/** Every resource, by its type. More of a type is something that nobody meant; fewer is something that is gone. */
const COUNTS: Readonly<Record<string, number>> = {
  'AWS::ApiGatewayV2::Api': 1,
  'AWS::ApiGatewayV2::Integration': 1,
  'AWS::ApiGatewayV2::Route': 2,
  'AWS::ApiGatewayV2::Stage': 1,
  'AWS::CloudWatch::Alarm': 21,
  'AWS::CloudWatch::CompositeAlarm': 1,
  'AWS::CloudWatch::Dashboard': 1,
  'AWS::DynamoDB::Table': 2,
  'AWS::Events::Rule': 4,
  'AWS::IAM::Policy': 4,
  'AWS::IAM::Role': 4,
  'AWS::KMS::Alias': 2,
  'AWS::KMS::Key': 2,
  'AWS::Lambda::Alias': 1,
  'AWS::Lambda::EventInvokeConfig': 4,
  'AWS::Lambda::Function': 3,
  'AWS::Lambda::Permission': 2,
  'AWS::Logs::LogGroup': 4,
  'AWS::SNS::Topic': 1,
  'AWS::SNS::TopicPolicy': 1,
  'AWS::SQS::Queue': 2,
  'AWS::SQS::QueuePolicy': 2,
  'AWS::Scheduler::Schedule': 1,
  'AWS::SecretsManager::Secret': 2,
};

/**
 * Logical ids of what has a fixed name, without alarms. CloudFormation makes a resource anew when its id changes, and
 * cannot while the old one has the name: such a deployment fails half-way.
 */
const NAMED: Readonly<Record<string, string>> = {
  TablesKeyAliasA71203A5: 'alias/renova-<env>-tables',
  TablesCredentials4E6AF65C: 'renova-<env>-credentials',
  TablesQuota720200F8: 'renova-<env>-quota',
  SealKeysAccess60217647: 'renova/<env>/seal/access',
  SealKeysRefresh77CCF7C5: 'renova/<env>/seal/refresh',
  FunctionsRefreshLog1D4C2B27: '/aws/lambda/renova-<env>-refresh',
  FunctionsRefresh2E22D5B9: 'renova-<env>-refresh',
  FunctionsRefreshForReaders72F8A49B: 'readers',
  FunctionsReadLogB88B9BD9: '/aws/lambda/renova-<env>-read',
  FunctionsRead241DD847: 'renova-<env>-read',
  FunctionsAdminLogEC68C4AB: '/aws/lambda/renova-<env>-admin',
  FunctionsAdmin5CE67C9F: 'renova-<env>-admin',
  TickScheduleUndelivered8B0736CE: 'renova-<env>-undelivered-ticks',
  TickScheduleAC49E44D: 'renova-<env>-tick',
  HttpReadApi12CC5C74: 'renova-<env>',
  HttpReadApiAccessLog43C7AA11: '/aws/vendedlogs/renova-<env>-read-api',
  HttpReadApiStage626913C4: '$default',
  AlertsKeyAliasCB32AE4E: 'alias/renova-<env>-alerts',
  AlertsTopicCF7C81C9: 'renova-<env>-alerts',
  AlertsUndelivered89951F36: 'renova-<env>-undelivered-alerts',
  AlertsBad7287B16E: 'renova-<env>-alerts-bad',
  AlertsProviderF4388975: 'renova-<env>-alerts-provider',
  AlertsProviderWell1425CE61: 'renova-<env>-alerts-provider-well',
  AlertsWell536D802E: 'renova-<env>-alerts-well',
  AlarmsUnwellF10BB23E: 'renova-<env>-unwell',
  Dashboard7A714131: 'renova-<env>',
};

/** Who is let in by a policy of what is used: `kind id: principal action`. Denials and the account's own are left out. */
const LET_IN = [
  'key AlertsKey9E1197AF: cloudwatch.amazonaws.com kms:Decrypt kms:GenerateDataKey',
  'key AlertsKey9E1197AF: events.amazonaws.com kms:Decrypt kms:GenerateDataKey',
  'queue AlertsUndeliveredPolicyCAAE2677: events.amazonaws.com sqs:SendMessage',
  'topic AlertsTopicPolicyFF1F97BA: cloudwatch.amazonaws.com sns:Publish',
  'topic AlertsTopicPolicyFF1F97BA: events.amazonaws.com sns:Publish',
  'trust FunctionsAdminRole5F9F8848: lambda.amazonaws.com sts:AssumeRole',
  'trust FunctionsReadRole775B3DDC: lambda.amazonaws.com sts:AssumeRole',
  'trust FunctionsRefreshRole71073F90: lambda.amazonaws.com sts:AssumeRole',
  'trust TickScheduleRole8C19ECF6: scheduler.amazonaws.com sts:AssumeRole',
];

/** Where PRD differs from HML once the names are put aside: settings of shared/config/environments.ts, and no more. */
const DIFFERENCES = [
  'Parameters.SsmParameterValuerenova<env>alarmaddressC96584B6F00A464EAD1953AFF4B05118Parameter',
  ...['Admin5CE67C9F', 'Read241DD847', 'Refresh2E22D5B9'].map(
    (id) => `Resources.Functions${id}.Properties.ReservedConcurrentExecutions`,
  ),
  ...['AdminLogEC68C4AB', 'ReadLogB88B9BD9', 'RefreshLog1D4C2B27'].map(
    (id) => `Resources.Functions${id}.Properties.RetentionInDays`,
  ),
  'Resources.HttpReadApiAccessLog43C7AA11.Properties.RetentionInDays',
  ...['Burst', 'Rate'].map(
    (kind) => `Resources.HttpReadApiStage626913C4.Properties.DefaultRouteSettings.Throttling${kind}Limit`,
  ),
  ...['Credentials4E6AF65C', 'Quota720200F8'].map(
    (id) => `Resources.Tables${id}.Properties.DeletionProtectionEnabled`,
  ),
  ...['adminthrottles20C4EF75', 'readthrottlesCADD33D2', 'refreshthrottlesCA04C191'].map(
    (id) => `Resources.Alarms${id}.Properties.AlarmDescription`,
  ),
  'Resources.AlertsPerson0C86262A',
];

const syntheses = { hml: synthesize('hml'), prd: synthesize('prd') };
after(() => {
  for (const synthesis of Object.values(syntheses)) synthesis[Symbol.dispose]();
});

for (const env of ENVIRONMENTS) {
  describe(`the template of ${env}`, () => {
    const { template } = syntheses[env];

    it('makes these resources, and no others', () => {
      const counts: Record<string, number> = {};
      for (const { Type } of Object.values(template.Resources)) counts[Type] = (counts[Type] ?? 0) + 1;
      const { 'AWS::SNS::Subscription': people = 0, ...others } = counts;
      assert.deepEqual(others, COUNTS);
      assert.equal(people, env === 'prd' ? 1 : 0);
    });

    it('keeps every name, under the logical id that has it', () => {
      assert.deepEqual(
        namesOf(template),
        Object.fromEntries(
          Object.entries(NAMED)
            .map(([id, name]) => [id, name.replaceAll('<env>', env)])
            .sort(),
        ),
      );
    });

    it('lets in these services alone, each for what it does', () => {
      assert.deepEqual([...new Set(admissionsOf(template))].sort(), LET_IN);
    });

    it('lets the two routes of its API invoke the read function, and nobody else any function', () => {
      const permissions = resourcesOf(template, 'AWS::Lambda::Permission').map(({ Properties }) =>
        resolve(template, Properties),
      ) as Record<string, string>[];
      const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
      for (const { FunctionName, Principal } of permissions) {
        assert.equal(FunctionName, `arn:aws:lambda:us-east-1:000000000000:function:renova-${env}-read`);
        assert.equal(Principal, 'apigateway.amazonaws.com');
      }
      const from = `arn:aws:execute-api:us-east-1:000000000000:<${api?.id}>/*/*/tokens/{credential}`;
      assert.deepEqual(permissions.map(({ SourceArn }) => SourceArn).sort(), [from, `${from}/refused`]);
    });

    it('takes messages into its queues by TLS alone', () => {
      const denials = allStatements(template).filter(({ kind, allows }) => kind === 'queue' && !allows);
      assert.deepEqual(
        denials.map(({ resources }) => resources),
        ['undelivered-ticks', 'undelivered-alerts'].map((name) => [
          `arn:aws:sqs:us-east-1:000000000000:renova-${env}-${name}`,
        ]),
      );
      const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy');
      for (const { Properties } of policies) {
        const { Statement } = Properties.PolicyDocument as { Statement: { Effect: string }[] };
        const denial = Statement.find(({ Effect }) => Effect === 'Deny');
        assert.partialDeepStrictEqual(denial, { Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
      }
    });

    it('lets nobody assume the role of the schedule but the schedules of its group and account', () => {
      const role = template.Resources.TickScheduleRole8C19ECF6;
      const { Statement } = resolve(template, role?.Properties.AssumeRolePolicyDocument) as {
        Statement: { Condition: unknown }[];
      };
      assert.deepEqual(
        Statement.map(({ Condition }) => Condition),
        [
          {
            StringEquals: { 'aws:SourceAccount': '000000000000' },
            ArnEquals: {
              'aws:SourceArn': 'arn:aws:scheduler:us-east-1:000000000000:schedule-group/default',
            },
          },
        ],
      );
    });
  });
}

describe('the templates of both environments', () => {
  it('differ in their names and their settings, and in nothing else', () => {
    const found = differences(comparable(syntheses.hml.template), comparable(syntheses.prd.template));
    assert.deepEqual([...new Set(found)].sort(), [...DIFFERENCES].sort());
  });
});

/** Names by logical id, without those of alarms, which alarms.test.ts knows, and those that CDK gives to policies. */
function namesOf(template: ResolvableTemplate): Record<string, string> {
  const named = Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::CloudWatch::Alarm' || Type === 'AWS::IAM::Policy') return [];
    const [name] = Object.entries(Properties)
      .filter(
        ([property, value]) => /^(?!Function|Display)\w*Name$/.test(property) && typeof value === 'string',
      )
      .map(([, value]) => String(value));
    const own = Type === 'AWS::Lambda::Function' ? String(Properties.FunctionName) : name;
    return own === undefined ? [] : [[id, own] as const];
  });
  return Object.fromEntries(named.sort());
}

function admissionsOf(template: ResolvableTemplate): string[] {
  return allStatements(template)
    .filter(({ kind, allows }) => kind !== 'identity' && allows)
    .map(({ kind, id, principal, actions }) => ({ kind, id, actions, principal: principal as Principal }))
    .filter(({ principal }) => principal.AWS !== 'arn:aws:iam::000000000000:root')
    .map(
      ({ kind, id, actions, principal }) =>
        `${kind} ${id}: ${principal.Service ?? JSON.stringify(principal)} ${actions.join(' ')}`,
    );
}

interface Principal {
  readonly AWS?: unknown;
  readonly Service?: string;
}

/** Without the environment's name, and without the hashes that CDK makes of names and of code. */
function comparable(template: ResolvableTemplate): unknown {
  const text = JSON.stringify(template)
    .replaceAll(/[0-9a-f]{64}/g, '<hash>')
    .replaceAll(/"Sid":"AllowEventRule\w+"/g, '"Sid":"<hash>"')
    .replaceAll(/hml|prd/g, '<env>');
  return JSON.parse(text);
}

/** Paths at which two templates differ; what only one of them has is one path. */
function differences(one: unknown, other: unknown, path = ''): string[] {
  if (!isObject(one) || !isObject(other)) return Object.is(one, other) ? [] : [path];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) => {
    const at = path === '' ? key : `${path}.${key}`;
    return key in one && key in other ? differences(one[key], other[key], at) : [at];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
