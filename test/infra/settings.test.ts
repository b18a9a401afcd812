import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { App, Stack } from 'aws-cdk-lib';
import { Renova } from '../../infra/renova.ts';
import { checkSettings, withContext } from '../../infra/settings.ts';
import { ENVIRONMENT_SETTINGS, type EnvironmentSettings } from '../../shared/config/environments.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../shared/config/names.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const { prd } = ENVIRONMENT_SETTINGS;

/** A setting, and the one sentence that it ends with in PRD. */
const BAD: readonly [settings: Partial<EnvironmentSettings>, sentence: RegExp][] = [
  [
    { alarmAddress: undefined },
    /^alarmAddress of prd: expected somebody who is told of alarms; correct it in shared\/config\/environments\.ts or choose with -c alarmAddress=<mail address>\.$/,
  ],
  [{ alarmAddress: { email: 'nobody' } }, /^alarmAddress of prd: expected a mail address;/],
  [{ alarmAddress: { parameter: 'no-slash' } }, /^alarmAddress of prd: expected the name of a parameter/],
  [
    { quotas: { bs2: 0 } },
    /^quotas\.bs2 of prd: expected a whole number of requests a minute, 1 or more; correct it in shared\/config\/environments\.ts\.$/,
  ],
  [{ quotas: { bs2: 10, bsn: -1 } }, /^quotas\.bsn of prd: /],
  [{ quotas: { bs2: 0.5 } }, /^quotas\.bs2 of prd: /],
  [{ quotas: { bs2: Number.NaN } }, /^quotas\.bs2 of prd: /],
  [{ reservedConcurrency: { refresh: 50, read: 0, admin: 5 } }, /^reservedConcurrency\.read of prd: /],
  [
    { reservedConcurrency: { refresh: 47, read: 40, admin: 5 } },
    /^reservedConcurrency\.refresh of prd: expected at least those of read and admin together and 3 more, for ticks;/,
  ],
  [{ lapseAlarmHours: 0 }, /^lapseAlarmHours of prd: expected a number of hours over 0;/],
];

/** What the compiler would refuse, and a synthesis does not compile: setting by setting, in PRD. */
const OF_A_WRONG_TYPE: readonly [settings: object, sentence: RegExp][] = [
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
  [{ lapseAlarmHours: '12' }, /^lapseAlarmHours of prd: /],
  [{ lapseAlarmHour: 6 }, /^lapseAlarmHour of prd: expected one of alarmAddress, .*lapseAlarmHours/],
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
      const settings = changes as Partial<EnvironmentSettings>;
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
      () => checkSettings('prd', withContext(prd, 'someone at bank')),
      ({ message }: Error) => !message.includes('someone'),
    );
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

  it('of the command line goes before that of the settings', () => {
    assert.deepEqual(withContext(prd, 'on-call@bank.example').alarmAddress, {
      email: 'on-call@bank.example',
    });
    assert.equal(withContext(prd, undefined), prd);
    for (const given of [['a@b.example', 'c@d.example'], true, 1]) {
      assert.throws(() => withContext(prd, given), { code: 'invalid-settings' });
    }
  });
});
