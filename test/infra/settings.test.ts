import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { CURRENTLY_RECOMMENDED_FLAGS } from 'aws-cdk-lib/cx-api';
import { FEATURE_FLAGS } from '../../infra/feature-flags.ts';
import { Renova } from '../../infra/renova.ts';
import { checkSettings, type RenovaSettings, withContext } from '../../infra/settings.ts';
import { ENVIRONMENT_SETTINGS } from '../../shared/config/environments.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../shared/config/names.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const { prd } = ENVIRONMENT_SETTINGS;

/** A setting, and the one sentence that it ends with in PRD. */
const BAD: readonly [settings: Partial<RenovaSettings>, sentence: RegExp][] = [
  [
    { alarmAddress: undefined },
    /^alarmAddress of prd: expected somebody who is told of alarms; correct this setting of the stack or choose with -c alarmAddress=<mail address>\.$/,
  ],
  [{ alarmAddress: { email: 'nobody' } }, /^alarmAddress of prd: expected a mail address;/],
  [{ alarmAddress: { parameter: 'no-slash' } }, /^alarmAddress of prd: expected the name of a parameter/],
  [
    { quotas: { bs2: 0 } },
    /^quotas\.bs2 of prd: expected a whole number of requests a minute, 1 or more; correct this setting of the stack\.$/,
  ],
  [{ quotas: { bs2: 10, bsn: -1 } }, /^quotas\.bsn of prd: /],
  [{ quotas: { bs2: 0.5 } }, /^quotas\.bs2 of prd: /],
  [{ quotas: { bs2: Number.NaN } }, /^quotas\.bs2 of prd: /],
  [{ reservedConcurrency: { refresh: 50, read: 0, admin: 5 } }, /^reservedConcurrency\.read of prd: /],
  [
    { reservedConcurrency: { refresh: 47, read: 40, admin: 5 } },
    /^reservedConcurrency\.refresh of prd: expected at least those of read and admin together and 3 more, for ticks;/,
  ],
  [{ schedules: 0 }, /^schedules of prd: expected a whole number from 1 to 8;/],
  [{ schedules: 9 }, /^schedules of prd: /],
  [{ schedules: 1.5 }, /^schedules of prd: /],
  [{ schedules: '2' } as object, /^schedules of prd: /],
  [{ refreshMemoryMb: 256 }, /^refreshMemoryMb of prd: expected a whole number of MB from 512 to 10240;/],
  [{ refreshMemoryMb: '1769' } as object, /^refreshMemoryMb of prd: /],
  [{ schedules: 3 }, /^reservedConcurrency\.refresh of prd: expected at least .* and 9 more, for ticks;/],
  [{ lapseAlarmPercent: 0 }, /^lapseAlarmPercent of prd: expected a number over 0 and under 50,/],
  [{ lapseAlarmPercent: 50 }, /^lapseAlarmPercent of prd: /],
  [{ readThrottle: { perSecond: 0, burst: 1 } }, /^readThrottle\.perSecond of prd: /],
  [{ readThrottle: { perSecond: 1, burst: 0.5 } }, /^readThrottle\.burst of prd: /],
  [{ runbook: 'docs/operations.md' }, /^runbook of prd: expected a URL that begins with https:\/\//],
  [{ kms: { secrets: 'mine' } }, /^kms\.secrets of prd: expected the ARN of a key;/],
  [{ kms: { alerts: 'own' } }, /^kms\.alerts of prd: expected the ARN of a key;/],
  [{ tags: { environment: 'prod' } }, /^tags of prd: expected names of 1 to 128/],
  [{ tags: { 'aws:owner': 'x' } }, /^tags of prd: /],
  [{ tags: { owner: 'pay<ments' } }, /^tags of prd: /],
  [{ permissionsBoundary: 'boundary' }, /^permissionsBoundary of prd: expected the ARN of a managed policy;/],
  [
    { chat: { slack: { workspace: 'T0123ABCD' } } } as object,
    /^chat\.slack\.channel of prd: expected the id that Slack has for it;/,
  ],
  [{ chat: { slack: { workspace: 'bank', channel: 'C0123ABCDEF' } } }, /^chat\.slack\.workspace of prd:/],
  [{ chat: { irc: {} } } as object, /^chat of prd: expected \{ slack: .* or \{ teams: /],
  [{ chat: { teams: { tenant: 'x', team: 'x', channel: 'x' } } }, /^chat\.teams\.tenant of prd: .*Teams/],
  [
    { chat: { slack: { workspace: 'T0123ABCD', channel: 'C0123ABCDEF', topic: 'x' } } } as object,
    /^chat\.slack\.topic of prd: expected one of workspace, channel;/,
  ],
  [{ webhook: { url: 'http://alerts.bank.example/' } }, /^webhook\.url of prd: expected a URL .*https:/],
  [{ webhook: { url: 'https://user:fake@alerts.bank.example/' } }, /^webhook\.url of prd:/],
  [{ webhook: { url: 'https://alerts.bank.example/#x' } }, /^webhook\.url of prd:/],
  [{ webhook: 'https://alerts.bank.example/' } as object, /^webhook of prd: expected \{ url \};/],
  [
    { webhook: { url: 'https://alerts.bank.example/', key: 'fake' } } as object,
    /^webhook\.key of prd: expected one of url;/,
  ],
  [
    { alarmTopic: 'arn:aws:sqs:us-east-1:111111111111:q' },
    /^alarmTopic of prd: expected the ARN of a topic;/,
  ],
  [{ egressZones: 3 }, /^egressZones of prd: expected 1 or 2;/],
  [
    { egressAllocationIds: ['eipalloc-01'] },
    /^egressAllocationIds of prd: expected one id \(eipalloc-…\) for each/,
  ],
  [{ egressAllocationIds: ['eipalloc-01', 'eipalloc-01'] }, /^egressAllocationIds of prd: /],
  [{ egressAllocationIds: ['eipalloc-01', '203.0.113.7'] }, /^egressAllocationIds of prd: /],
  [
    { network: { vpc: 'bank', subnets: ['subnet-01'] } },
    /^network\.vpc of prd: expected the id of a VPC \(vpc-…\), or a VPC of the CDK;/,
  ],
  [
    { network: { vpc: 'vpc-01' } },
    /^network\.subnets of prd: expected one id \(subnet-…\) or more of private/,
  ],
  [{ network: { vpc: 'vpc-01', subnets: [] } }, /^network\.subnets of prd: /],
  [{ network: { vpc: 'vpc-01', subnets: ['private'] } }, /^network\.subnets of prd: /],
  [
    { network: { vpc: 'vpc-01', subnets: ['subnet-01'], securityGroups: [] } },
    /^network\.securityGroups of prd: expected one id \(sg-…\) or more, or nothing;/,
  ],
];

/** What the compiler would refuse, and a synthesis does not compile: setting by setting, in PRD. */
const OF_A_WRONG_TYPE: readonly [settings: object, sentence: RegExp][] = [
  [
    { network: 'fixed' },
    /^network of prd: expected default, fixed-address or \{ vpc, subnets, securityGroups \};/,
  ],
  [{ network: undefined }, /^network of prd: /],
  [{ network: null }, /^network of prd: /],
  [{ network: {} }, /^network\.vpc of prd: /],
  [{ network: { vpc: 'vpc-01', subnets: 'subnet-01' } }, /^network\.subnets of prd: /],
  [
    { network: { vpc: 'vpc-01', subnets: ['subnet-01'], securityGroup: 'sg-01' } },
    /^network\.securityGroup of prd: expected one of vpc, subnets, securityGroups;/,
  ],
  [{ readThrottle: undefined }, /^readThrottle\.perSecond of prd: /],
  [{ kms: 'own' }, /^kms of prd: expected \{ secrets, rings, logs, alerts \};/],
  [{ kms: { tables: 'own' } }, /^kms\.tables of prd: expected one of secrets, rings, logs, alerts;/],
  [{ tags: ['owner'] }, /^tags of prd: /],
  [{ tags: { owner: 1 } }, /^tags of prd: /],
  [
    { reservedConcurrency: 'all' },
    /^reservedConcurrency of prd: expected \{ refresh, read, admin \} or none;/,
  ],
  [{ egressZones: '2' }, /^egressZones of prd: /],
  [{ egressAllocationIds: 'eipalloc-01' }, /^egressAllocationIds of prd: /],
  [
    { alarmAddress: 'on-call@bank.example' },
    /^alarmAddress of prd: expected \{ email \} or \{ parameter \};/,
  ],
  [{ alarmAddress: null }, /^alarmAddress of prd: expected \{ email \}/],
  [{ alarmAddress: undefined, isAlarmAddressRequired: undefined }, /^isAlarmAddressRequired of prd: /],
  [{ isProtected: undefined }, /^isProtected of prd: expected true or false;/],
  [{ isProtected: 'no' }, /^isProtected of prd: expected true or false;/],
  [
    { logRetentionDays: -5 },
    /^logRetentionDays of prd: expected days that CloudWatch Logs offers \(1, 3, 5, /,
  ],
  [{ logRetentionDays: 31 }, /^logRetentionDays of prd: /],
  [{ logRetentionDays: '30' }, /^logRetentionDays of prd: /],
  [{ logRetentionDays: undefined }, /^logRetentionDays of prd: /],
  [{ logRetentionDays: 9999 }, /^logRetentionDays of prd: /],
  [{ quotas: undefined }, /^quotas of prd: expected requests a minute by the quota's key;/],
  [{ quotas: null }, /^quotas of prd: /],
  [{ quotas: { bs2: '10' } }, /^quotas\.bs2 of prd: /],
  [{ reservedConcurrency: undefined }, /^reservedConcurrency\.refresh of prd: expected a whole number/],
  [{ reservedConcurrency: { refresh: 50, read: 40 } }, /^reservedConcurrency\.admin of prd: /],
  [{ lapseAlarmPercent: '12' }, /^lapseAlarmPercent of prd: /],
  [{ lapseAlarmHours: 6 }, /^lapseAlarmHours of prd: expected one of alarmAddress, .*lapseAlarmPercent/],
];

describe('the settings of an environment', () => {
  it('are good as they are', () => {
    for (const env of ENVIRONMENTS) checkSettings(env, ENVIRONMENT_SETTINGS[env]);
  });

  it('differ: HML may be deleted and has nobody on call, PRD is protected and must have somebody', () => {
    const { hml } = ENVIRONMENT_SETTINGS;
    assert.deepEqual([hml.isProtected, hml.isAlarmAddressRequired, hml.logRetentionDays], [false, false, 30]);
    assert.deepEqual([prd.isProtected, prd.isAlarmAddressRequired, prd.logRetentionDays], [true, true, 365]);
  });

  for (const [changes, message] of BAD) {
    it(`end the synthesis with one sentence: ${inspect(changes, { depth: 3, breakLength: Number.POSITIVE_INFINITY })}`, () => {
      const expected = { name: 'SettingsError', code: 'invalid-settings', message };
      assert.throws(() => synthesize('prd', { settings: changes }), expected);
    });
  }

  for (const [changes, message] of OF_A_WRONG_TYPE) {
    it(`end it so in an app that nobody compiled: ${inspect(changes, { breakLength: Number.POSITIVE_INFINITY })}`, () => {
      const stack = new Stack(new App(), 'bank');
      const settings = changes as Partial<RenovaSettings>;
      assert.throws(() => new Renova(stack, 'Renova', { env: 'prd', settings }), {
        code: 'invalid-settings',
        message,
      });
    });
  }

  it('are those of an environment that there is', () => {
    for (const env of ['production', undefined] as unknown[]) {
      const stack = new Stack(new App(), 'bank');
      assert.throws(() => new Renova(stack, 'Renova', { env: env as EnvironmentName }), {
        code: 'invalid-settings',
        message: 'env: expected one of hml, prd.',
      });
    }
  });

  it('never name a value in that sentence', () => {
    assert.throws(
      () => checkSettings('prd', withContext(prd, { alarmAddress: 'someone at bank' })),
      ({ message }: Error) => !message.includes('someone'),
    );
  });
});

describe('the context of the app', () => {
  it('is refused where it names no setting: a misspelt key would change nothing, and nobody would notice', () => {
    for (const key of ['alarmAdress', 'lapseAlarmHours', 'alarm-address', 'Network', 'toString']) {
      assert.throws(() => withContext(prd, { env: 'prd', [key]: 'abc' }), {
        code: 'invalid-settings',
        message: `Context key "${key}" is unknown: expected one of env, alarmAddress, network; other settings are not taken from the context.`,
      });
    }
  });

  it('may hold what is the own of the CDK', () => {
    const context = {
      'aws:cdk:enable-path-metadata': true,
      '@aws-cdk/core:target-partitions': ['aws'],
      'availability-zones:account=000000000000:region=us-east-1': [],
      'cli-telemetry': false,
      'acknowledged-issue-numbers': [1],
    };
    assert.equal(withContext(prd, context), prd);
  });

  it('leaves no feature flag unset, of which each synthesis would tell', () => {
    const unset = Object.keys(CURRENTLY_RECOMMENDED_FLAGS).filter(
      (flag) => FEATURE_FLAGS[flag] === undefined,
    );
    assert.deepEqual(unset, []);
    assert.equal(withContext(prd, FEATURE_FLAGS), prd);
  });

  it('chooses the network, of those that need no ids', () => {
    assert.equal(withContext(prd, { network: 'fixed-address' }).network, 'fixed-address');
    for (const network of ['fixed', 'vpc-0123', '', 'constructor']) {
      assert.throws(() => checkSettings('prd', withContext(prd, { network })), {
        code: 'invalid-settings',
        message:
          'network of prd: expected default, fixed-address or { vpc, subnets, securityGroups }; correct this setting of the stack or choose with -c network=fixed-address.',
      });
    }
  });
});

describe('the alarm address', () => {
  it('of PRD is read from Parameter Store at deployment, so no repository has it', () => {
    using synthesis = synthesize('prd');
    const [person] = resourcesOf(synthesis.template, 'AWS::SNS::Subscription');
    const { Ref } = { ...(person?.Properties.Endpoint as { Ref?: string }) };
    assert.deepEqual(synthesis.template.Parameters?.[Ref ?? ''], {
      Type: 'AWS::SSM::Parameter::Value<String>',
      Default: '/renova/prd/alarm-address',
    });
  });

  it('may be missing in HML: alarms go off, and nobody is told', () => {
    using synthesis = synthesize('hml');
    assert.deepEqual(resourcesOf(synthesis.template, 'AWS::SNS::Subscription'), []);
    assert.ok(resourcesOf(synthesis.template, 'AWS::CloudWatch::Alarm').length > 0);
  });

  it('may be missing in PRD where a topic that is there already is told', () => {
    const alarmTopic = 'arn:aws:sns:sa-east-1:111111111111:platform-alarms';
    checkSettings('prd', { ...prd, alarmAddress: undefined, alarmTopic });
  });

  it('of the command line goes before that of the settings', () => {
    assert.deepEqual(withContext(prd, { alarmAddress: 'on-call@bank.example' }).alarmAddress, {
      email: 'on-call@bank.example',
    });
    assert.equal(withContext(prd, {}), prd);
    for (const given of [['a@b.example', 'c@d.example'], true, 1]) {
      assert.throws(() => withContext(prd, { alarmAddress: given }), { code: 'invalid-settings' });
    }
  });
});
