import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { METRICS } from '../../shared/config/metrics.ts';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { resolve } from './resolve.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const OPERATIONS = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** `metric`, when it goes off, and in how many of the latest periods (seconds) that must be so. */
const ALARMS: Readonly<Record<string, readonly [metric: string, when: string, bad: string]>> = {
  silence: ['Ticks', 'Sum < 1', '3 of 3 x 60'],
  lapsed: ['LapsedCredentials', 'Maximum >= 1', '1 of 2 x 300'],
  'time-left': ['HoursToLapse', 'Minimum < 12', '1 of 2 x 300'],
  failing: ['FailingCredentials', 'Maximum >= 1', '2 of 3 x 300'],
  'refresh-errors': ['Errors', 'Sum >= 3', '1 of 1 x 300'],
  'read-errors': ['Errors', 'Sum >= 3', '1 of 1 x 300'],
  'admin-errors': ['Errors', 'Sum >= 3', '1 of 1 x 300'],
  'refresh-throttles': ['Throttles', 'Sum >= 1', '1 of 1 x 300'],
  'read-throttles': ['Throttles', 'Sum >= 1', '1 of 1 x 300'],
  'admin-throttles': ['Throttles', 'Sum >= 1', '1 of 1 x 300'],
  'undelivered-ticks': ['ApproximateNumberOfMessagesVisible', 'Maximum >= 1', '1 of 1 x 300'],
  'undelivered-alerts': ['ApproximateNumberOfMessagesVisible', 'Maximum >= 1', '1 of 1 x 300'],
};
const SIGNS: Readonly<Record<string, string>> = {
  LessThanThreshold: '<',
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
};

for (const env of ENVIRONMENTS) {
  describe(`the alarms of ${env}`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());
    const { template } = synthesis;
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
    const alarm = (name: string) =>
      alarms.find(({ AlarmName }) => AlarmName === `renova-${env}-${name}`) ??
      assert.fail(`no alarm ${name}`);

    it('are these, and one on the demand of any quota', () => {
      const expected = [...Object.keys(ALARMS), 'quota-demand'].map((name) => `renova-${env}-${name}`);
      assert.deepEqual(alarms.map(({ AlarmName }) => AlarmName).sort(), expected.sort());
    });

    for (const [name, [metric, when, bad]] of Object.entries(ALARMS)) {
      it(`${name} goes off at ${when} ${metric}, ${bad} s`, () => {
        const given = alarm(name);
        const sign = SIGNS[String(given.ComparisonOperator)];
        assert.equal(given.MetricName, metric);
        assert.equal(`${given.Statistic} ${sign} ${given.Threshold}`, when);
        assert.equal(`${given.DatapointsToAlarm} of ${given.EvaluationPeriods} x ${given.Period}`, bad);
      });
    }

    it('take only silence for a bad sign', () => {
      for (const { AlarmName, TreatMissingData } of alarms) {
        const isSilence = AlarmName === `renova-${env}-silence`;
        assert.equal(TreatMissingData, isSilence ? 'breaching' : 'notBreaching', String(AlarmName));
      }
    });

    it('look at metrics that Renova reports, of this environment', () => {
      const own = alarms.filter(({ Namespace }) => Namespace === 'Renova');
      assert.equal(own.length, 4);
      for (const { MetricName, Dimensions } of own) {
        assert.ok(Object.hasOwn(METRICS, String(MetricName)), String(MetricName));
        assert.deepEqual(Dimensions, [
          { Name: 'environment', Value: env },
          { Name: 'service', Value: 'renova-refresh' },
        ]);
      }
    });

    it('watch the demand of every quota of this environment, over 80 %', () => {
      const { Metrics, Threshold, ComparisonOperator } = alarm('quota-demand');
      const [{ Expression } = { Expression: '' }] = Metrics as { Expression: string }[];
      assert.equal(
        Expression,
        `SELECT MAX(QuotaDemanded) FROM SCHEMA(Renova, environment, quota, service) WHERE environment = '${env}'`,
      );
      assert.equal(Threshold, 80);
      assert.equal(ComparisonOperator, 'GreaterThanThreshold');
    });

    it('tell the topic when they go off and when it is over', () => {
      const topic = `arn:aws:sns:us-east-1:000000000000:renova-${env}-alerts`;
      for (const { AlarmActions, OKActions } of alarms) {
        assert.deepEqual(resolve(template, AlarmActions), [topic]);
        assert.deepEqual(resolve(template, OKActions), [topic]);
      }
    });

    it('say what to do, within what CloudWatch takes, and where more is said', () => {
      for (const { AlarmName, AlarmDescription } of alarms) {
        const text = String(AlarmDescription);
        assert.ok(text.length <= 1024, `${AlarmName}: ${text.length}`);
        assert.match(text, /npx renova |aws /);
        const [, section] = /docs\/operations\.md, "([a-z-]+)"\.$/.exec(text) ?? [];
        assert.match(OPERATIONS, new RegExp(`^### .*\`${section}\``, 'm'), `no section for ${section}`);
      }
    });

    it('are summed up by one that is in alarm while any of them is', () => {
      const [composite] = resourcesOf(template, 'AWS::CloudWatch::CompositeAlarm');
      const rule = String(resolve(template, composite?.Properties.AlarmRule));
      const named = [...rule.matchAll(/ALARM\("[^"]*:alarm:([^"]+)"\)/g)].map(([, name]) => name);
      assert.deepEqual(named.sort(), alarms.map(({ AlarmName }) => AlarmName).sort());
      assert.doesNotMatch(rule, / AND |NOT /);
    });
  });
}
