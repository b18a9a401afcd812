import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { EVENT_TYPES, EVENTS, type EventType, isAlert } from '../../shared/config/events.ts';
import { METRICS } from '../../shared/config/metrics.ts';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { webhookNames } from '../../shared/config/webhook.ts';
import { sectionsUnder } from './operations.ts';
import { resolve } from './resolve.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

/** Sections of docs/operations.md on alarms of CloudWatch, each with the alarms it is about. */
const ALARM_SECTIONS = sectionsUnder('Alarms of CloudWatch').map(({ title, text }) => ({
  names: [...title.matchAll(/`([a-z-]+)`/g)].map(([, name = '']) => name),
  text,
}));

/** `metric`, when it goes off, and in how many of the latest periods (seconds) that must be so. */
const ALARMS: Readonly<Record<string, readonly [metric: string, when: string, bad: string]>> = {
  'store-failures': ['StoreFailures', 'Sum >= 1', '3 of 5 x 60'],
  lapsed: ['LapsedCredentials', 'Maximum >= 1', '1 of 2 x 300'],
  'late-ticks': ['SecondsSinceLastTick', 'Maximum >= 150', '3 of 15 x 60'],
  'unresolved-attempts': ['UnresolvedAttempts', 'Sum >= 1', '3 of 3 x 300'],
  'refused-events': ['EventsRefused', 'Sum >= 1', '2 of 3 x 60'],
  'time-left': ['ChainLifeLeft', 'Minimum < 25', '1 of 2 x 300'],
  expired: ['ExpiredCredentials', 'Maximum >= 1', '1 of 2 x 300'],
  unpublished: ['UnpublishedCredentials', 'Maximum >= 1', '1 of 2 x 300'],
  failing: ['FailingCredentials', 'Maximum >= 1', '2 of 3 x 300'],
  'refresh-errors': ['Errors', 'Sum >= 3', '1 of 1 x 300'],
  'read-errors': ['Errors', 'Sum >= 3', '1 of 1 x 300'],
  'admin-errors': ['Errors', 'Sum >= 3', '1 of 1 x 300'],
  'refresh-throttles': ['Throttles', 'Sum >= 1', '1 of 1 x 300'],
  'read-throttles': ['Throttles', 'Sum >= 1', '1 of 1 x 300'],
  'admin-throttles': ['Throttles', 'Sum >= 1', '1 of 1 x 300'],
  'read-api-errors': ['5xx', 'Sum >= 5', '2 of 3 x 300'],
  'undelivered-ticks': ['ApproximateNumberOfMessagesVisible', 'Maximum >= 1', '1 of 1 x 300'],
  'undelivered-alerts': ['ApproximateNumberOfMessagesVisible', 'Maximum >= 1', '1 of 1 x 300'],
  'undelivered-webhooks': ['ApproximateNumberOfMessagesVisible', 'Maximum >= 1', '1 of 1 x 300'],
};
const SIGNS: Readonly<Record<string, string>> = {
  LessThanThreshold: '<',
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '>=',
};

for (const env of ENVIRONMENTS) {
  describe(`the alarms of ${env}`, () => {
    // With the setting that adds an alarm.
    const settings = { webhook: { url: 'https://alerts.bank.example/renova' } };
    const synthesis = synthesize(env, { settings });
    after(() => synthesis[Symbol.dispose]());
    const { template } = synthesis;
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
    const alarm = (name: string) =>
      alarms.find(({ AlarmName }) => AlarmName === `renova-${env}-${name}`) ??
      assert.fail(`no alarm ${name}`);

    it('are these, one on silence, one on the demand of any quota, and one on repairs', () => {
      const expected = [...Object.keys(ALARMS), 'silence', 'quota-demand', 'repairs'].map(
        (name) => `renova-${env}-${name}`,
      );
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

    // A minute that is missing would be made up for by older ones: CloudWatch looks further back than three periods,
    // and calls three minutes without data fine as long as it finds any.
    it('silence goes off when three minutes have no tick, which count as minutes of none', () => {
      const { Metrics, Threshold, ComparisonOperator, ...given } = alarm('silence');
      const [counted, ticks] = Metrics as { Id: string; Expression?: string; MetricStat?: object }[];
      assert.equal(counted?.Expression, `FILL(${ticks?.Id}, 0)`);
      const { Metric, ...stat } = (ticks ?? assert.fail()).MetricStat as { Metric: { MetricName: string } };
      assert.equal(Metric.MetricName, 'Ticks');
      assert.deepEqual(stat, { Period: 60, Stat: 'Sum' });
      assert.deepEqual([SIGNS[String(ComparisonOperator)], Threshold], ['<', 1]);
      assert.deepEqual([given.DatapointsToAlarm, given.EvaluationPeriods], [3, 3]);
    });

    it('take only silence for a bad sign', () => {
      for (const { AlarmName, TreatMissingData } of alarms) {
        const isSilence = AlarmName === `renova-${env}-silence`;
        assert.equal(TreatMissingData, isSilence ? 'breaching' : 'notBreaching', String(AlarmName));
      }
    });

    it('look at metrics that Renova reports, of this environment', () => {
      const own = alarms.filter(({ Namespace }) => Namespace === 'Renova');
      const [, { MetricStat = undefined } = {}] = alarm('silence').Metrics as {
        MetricStat?: { Metric: (typeof own)[number] };
      }[];
      own.push(MetricStat?.Metric ?? assert.fail());
      assert.equal(own.length, 10);
      for (const { MetricName, Dimensions } of own) {
        assert.ok(Object.hasOwn(METRICS, String(MetricName)), String(MetricName));
        assert.deepEqual(Dimensions, [
          { Name: 'environment', Value: env },
          { Name: 'service', Value: 'renova-refresh' },
        ]);
      }
    });

    it('repairs goes off when what refreshes left undone had to be made good in three periods of three', () => {
      const { Metrics, Threshold, ComparisonOperator, ...given } = alarm('repairs');
      const [added, ...counted] = Metrics as { Expression?: string; MetricStat?: { Metric: object } }[];
      assert.equal(added?.Expression, 'FILL(one, 0) + FILL(other, 0)');
      const names = counted.map(
        ({ MetricStat }) => (MetricStat?.Metric as { MetricName?: string } | undefined)?.MetricName,
      );
      assert.deepEqual(names, ['PublishRepairs', 'Adoptions']);
      assert.deepEqual([SIGNS[String(ComparisonOperator)], Threshold], ['>=', 1]);
      assert.deepEqual([given.DatapointsToAlarm, given.EvaluationPeriods], [3, 3]);
    });

    it('or the dashboard show every metric that Renova reports', () => {
      const text = JSON.stringify([...resourcesOf(template, 'AWS::CloudWatch::Dashboard'), alarms]);
      for (const name of Object.keys(METRICS)) assert.match(text, new RegExp(`\\b${name}\\b`), name);
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

    it('look at every function, and at the API in front of one of them', () => {
      // The queue of the webhook function tries again what fails, and has an alarm on what it gives up.
      const functions = resourcesOf(template, 'AWS::Lambda::Function').filter(
        ({ Properties }) => Properties.FunctionName !== webhookNames(env).webhookFunction,
      );
      for (const { id, Properties } of functions) {
        const watched = alarms.filter(({ Namespace, Dimensions }) => {
          const [{ Value } = {}] = (Dimensions ?? []) as { Value?: { Ref?: string } }[];
          return Namespace === 'AWS/Lambda' && Value?.Ref === id;
        });
        const metrics = watched.map(({ MetricName }) => MetricName).sort();
        assert.deepEqual(metrics, ['Errors', 'Throttles'], String(Properties.FunctionName));
      }
      const [api] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
      const { Namespace, Dimensions } = alarm('read-api-errors');
      assert.equal(Namespace, 'AWS/ApiGateway');
      assert.deepEqual(Dimensions, [
        { Name: 'ApiId', Value: { Ref: api?.id } },
        { Name: 'Stage', Value: '$default' },
      ]);
    });

    it('have a section in operations.md each, and no section is of an alarm that is not there', () => {
      const told = ALARM_SECTIONS.flatMap(({ names }) => names);
      assert.deepEqual(told.sort(), alarms.map(({ AlarmName }) => withoutPrefix(env, AlarmName)).sort());
    });

    it('say what to do, within what CloudWatch takes, and where more is said', () => {
      for (const { AlarmName, AlarmDescription } of alarms) {
        const text = String(AlarmDescription);
        assert.ok(text.length <= 1024, `${AlarmName}: ${text.length}`);
        assert.match(text, /npx renova |aws /);
        assert.ok(text.endsWith(`More: docs/operations.md, "${withoutPrefix(env, AlarmName)}".`), text);
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

describe('the sections of operations.md', () => {
  it('are there for every event that alarms or tells that all is well, and for no other', () => {
    const told = sectionsUnder('Alarms').map(({ title }) => title);
    const mailed = EVENT_TYPES.filter((type) => EVENTS[type].mails.length > 0);
    assert.deepEqual(told.sort(), [...mailed].sort());
  });

  it('each say what it means, what to look at, the command, and how to see that it is fixed', () => {
    assert.ok(ALARM_SECTIONS.length > 5);
    const ofEvents = sectionsUnder('Alarms').filter(({ title }) => isAlert(title as EventType));
    for (const { text } of [...ALARM_SECTIONS, ...ofEvents]) {
      const parts = [...text.matchAll(/^\*\*(Means|Look|Command|Fixed)\b/gm)].map(([, part]) => part);
      assert.deepEqual(parts, ['Means', 'Look', 'Command', 'Fixed'], text.slice(0, 80));
    }
  });
});

function withoutPrefix(env: string, alarmName: unknown): string {
  return String(alarmName).replace(`renova-${env}-`, '');
}
