import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type AskAws, type AwsQuestion, jsonQuestion, queryQuestion } from '../../cli/account/ask-aws.ts';
import { examineAccount } from '../../cli/account/examine-account.ts';
import { signedAsk } from '../../cli/account/signed-ask.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { eventually } from '../integration/eventually.ts';
import { emptyMoto } from '../support/moto.ts';
import { findMoto } from '../support/optional-tools.ts';

const { skip } = findMoto();
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:renova-prd-alerts';
const QUEUE = 'renova-prd-undelivered-ticks';

describe('what doctor asks of AWS, in the protocols that others implemented', { skip }, () => {
  let ask: AskAws;

  before(async () => {
    ask = signedAsk({
      endpoint: await emptyMoto(),
      region: async () => 'us-east-1',
      credentials: async () => ({ accessKeyId: 'FAKEKEYID', secretAccessKey: 'fake-secret-key' }),
      clock: systemClock,
    });
    // Each service of moto takes seconds to load when it is asked for the first time, longer than an answer may take.
    await eventually('moto has loaded what is asked for', async (seen) => {
      const { unexamined } = await examineAccount(ask, 'prd', false);
      seen(unexamined);
      return unexamined.length === 0 || undefined;
    });
  });

  const done = async (question: AwsQuestion): Promise<string> => {
    const answer = await ask(question);
    assert.ok(answer.ok, question.permission);
    return answer.text;
  };
  const codes = async () => (await examineAccount(ask, 'prd', false)).findings.map(({ code }) => code);

  it('is understood where nothing is there, and what is missing is named', async () => {
    const { findings, facts, unexamined } = await examineAccount(ask, 'prd', false);
    assert.deepEqual(unexamined, []);
    assert.deepEqual(facts, { account: '000000000000' });
    assert.deepEqual(
      findings.map(({ code }) => code),
      [
        'table-missing',
        'table-missing',
        'function-missing',
        'function-missing',
        'function-missing',
        'schedule-off',
        'alerts-off',
      ],
    );
  });

  it('finds dead letters, a topic that nobody is subscribed to, and alarms that ring', async () => {
    const { QueueUrl } = JSON.parse(
      await done(jsonQuestion('sqs', 'AmazonSQS.CreateQueue', { QueueName: QUEUE })),
    );
    await done(jsonQuestion('sqs', 'AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'a tick' }));
    await done(queryQuestion('sns', '2010-03-31', 'CreateTopic', { Name: 'renova-prd-alerts' }));
    const Name = 'renova-prd-alerts-x';
    await done(
      jsonQuestion('events', 'AWSEvents.PutRule', { Name, EventPattern: '{"source":["renova"]}' }, '1.1'),
    );
    const Targets = [{ Id: '1', Arn: TOPIC }];
    await done(jsonQuestion('events', 'AWSEvents.PutTargets', { Rule: Name, Targets }, '1.1'));
    const alarm = { AlarmName: 'renova-prd-silence', StateValue: 'ALARM', StateReason: 'a test' };
    const measured = {
      MetricName: 'm',
      Namespace: 'n',
      EvaluationPeriods: '1',
      Period: '60',
      Threshold: '1',
    };
    await done(
      queryQuestion('cloudwatch', '2010-08-01', 'PutMetricAlarm', {
        AlarmName: alarm.AlarmName,
        ...measured,
        ComparisonOperator: 'GreaterThanThreshold',
        Statistic: 'Sum',
      }),
    );
    await done(queryQuestion('cloudwatch', '2010-08-01', 'SetAlarmState', alarm));
    assert.deepEqual((await codes()).slice(5), [
      'schedule-off',
      'dead-letters',
      'nobody-subscribed',
      'alarm-ringing',
    ]);

    const person = { TopicArn: TOPIC, Protocol: 'email', Endpoint: 'on-call@bank.example' };
    await done(queryQuestion('sns', '2010-03-31', 'Subscribe', person));
    await done(jsonQuestion('events', 'AWSEvents.DisableRule', { Name }, '1.1'));
    assert.deepEqual((await codes()).slice(5), [
      'schedule-off',
      'dead-letters',
      'alerts-off',
      'alarm-ringing',
    ]);
  });
});
