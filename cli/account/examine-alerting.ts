import * as v from 'valibot';
import type { EnvironmentName } from '../../shared/config/names.ts';
import type { Finding } from '../format/findings.ts';
import { elements, jsonQuestion, pathQuestion, queryQuestion } from './ask-aws.ts';
import { type Examined, findJson, findXml, type Look } from './look.ts';

const Schedule = v.object({ State: v.optional(v.string(), 'ENABLED') });

/** Whether the schedule of ticks is there and enabled. When it last ticked, the refresh function says. */
export async function examineSchedule(look: Look): Promise<Examined> {
  const name = `renova-${look.env}-tick`;
  const found = await findJson(
    look,
    pathQuestion('scheduler', 'scheduler:GetSchedule', `/schedules/${name}`),
    Schedule,
  );
  if (found?.State === 'ENABLED') return { findings: [] };
  const explanation = `The schedule ${name} ${found ? 'is disabled' : 'does not exist'}: nothing is refreshed.`;
  const remedy = { text: 'See docs/operations.md, section silence.' };
  return { findings: [{ code: 'schedule-off', explanation, remedy }] };
}

const QueueUrl = v.object({ QueueUrl: v.string() });
const Attributes = v.object({
  Attributes: v.object({ ApproximateNumberOfMessages: v.pipe(v.string(), v.toNumber()) }),
});

/** What could not be delivered, by queue and what it means. The last is there where the setting `webhook` asks for it. */
const QUEUES = [
  ['undelivered-ticks', 'ticks could not be delivered to the refresh function'],
  ['undelivered-alerts', 'alerts could not be delivered to their topic'],
  ['undelivered-webhooks', 'alerts could not be delivered to the webhook'],
] as const;

/** How many dead letters there are. */
export async function examineDeadLetters(look: Look): Promise<Examined> {
  const findings = await Promise.all(
    QUEUES.map(async ([name, what]) => {
      const queue = `renova-${look.env}-${name}`;
      const url = await findJson(
        look,
        jsonQuestion('sqs', 'AmazonSQS.GetQueueUrl', { QueueName: queue }),
        QueueUrl,
      );
      if (!url) return [];
      const input = { QueueUrl: url.QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] };
      const question = jsonQuestion('sqs', 'AmazonSQS.GetQueueAttributes', input);
      const count = (await findJson(look, question, Attributes))?.Attributes.ApproximateNumberOfMessages ?? 0;
      return count > 0 ? [deadLetters(queue, name, count, what)] : [];
    }),
  );
  return { findings: findings.flat() };
}

function deadLetters(queue: string, section: string, count: number, what: string): Finding {
  return {
    code: 'dead-letters',
    explanation: `${count} ${what} (queue ${queue}).`,
    remedy: { text: `See docs/operations.md, section ${section}.` },
  };
}

const Rules = v.object({
  Rules: v.array(v.object({ Name: v.string(), State: v.optional(v.string(), 'ENABLED') })),
});
const Targets = v.object({ Targets: v.array(v.object({ Arn: v.string() })) });

/** Whether alerts are routed, and somebody has confirmed to be told. */
export async function examineSubscriptions(look: Look): Promise<Examined> {
  const prefix = `renova-${look.env}-alerts-`;
  const question = jsonQuestion('events', 'AWSEvents.ListRules', { NamePrefix: prefix }, '1.1');
  const rules = (await findJson(look, question, Rules))?.Rules ?? [];
  const [first] = rules;
  if (!first) return { findings: [alertsOff(`There is no rule ${prefix}…`)] };
  const off = rules.filter(({ State }) => State === 'DISABLED');
  const topics = await topicsOf(look, first.Name);
  const subscriptions = (await Promise.all(topics.map((topic) => subscriptionsOf(look, topic)))).flat();
  return {
    findings: [
      ...off.map(({ Name }) => alertsOff(`The rule ${Name} is disabled`)),
      ...subscriptionFindings(look.env, subscriptions),
    ],
  };
}

function alertsOff(what: string): Finding {
  return {
    code: 'alerts-off',
    explanation: `${what}: its events are told to nobody.`,
    remedy: { text: 'Put back what was changed by hand: docs/deploy.md, section "Changed by hand".' },
  };
}

async function topicsOf(look: Look, rule: string): Promise<string[]> {
  const question = jsonQuestion('events', 'AWSEvents.ListTargetsByRule', { Rule: rule }, '1.1');
  const targets = (await findJson(look, question, Targets))?.Targets ?? [];
  return [...new Set(targets.map(({ Arn }) => Arn).filter((arn) => arn.split(':')[2] === 'sns'))];
}

/** Whether each subscription of a topic is confirmed. One page of a hundred is enough to judge by. */
async function subscriptionsOf(look: Look, topic: string): Promise<boolean[]> {
  const question = queryQuestion('sns', '2010-03-31', 'ListSubscriptionsByTopic', { TopicArn: topic });
  const arns = elements((await findXml(look, question)) ?? '', 'SubscriptionArn');
  return arns.map((arn) => arn.startsWith('arn:'));
}

function subscriptionFindings(env: EnvironmentName, subscriptions: readonly boolean[]): Finding[] {
  const waiting = subscriptions.filter((isConfirmed) => !isConfirmed).length;
  const topic = `renova-${env}-alerts`;
  if (subscriptions.length === 0) {
    return [
      {
        code: 'nobody-subscribed',
        explanation: 'Nobody is told of anything: the topic of alerts has no subscription.',
        remedy: {
          text: `Deploy with -c alarmAddress, or subscribe somebody to the topic ${topic} (docs/deploy.md).`,
        },
      },
    ];
  }
  if (waiting === 0) return [];
  const who = waiting === subscriptions.length ? 'Nobody is told of anything: ' : '';
  return [
    {
      code: 'subscription-unconfirmed',
      explanation: `${who}${waiting} of ${subscriptions.length} subscriptions to alerts ${waiting === 1 ? 'is' : 'are'} not confirmed.`,
      remedy: {
        text: `Open the link in the mail that AWS sent to the address; after three days subscribe it to the topic ${topic} anew.`,
      },
    },
  ];
}

/** The alarms that ring, and those that are kept from telling anybody. */
export async function examineAlarms(look: Look): Promise<Examined> {
  const prefix = `renova-${look.env}-`;
  const question = queryQuestion('cloudwatch', '2010-08-01', 'DescribeAlarms', {
    AlarmNamePrefix: prefix,
    MaxRecords: '100',
  });
  const alarms = elements((await findXml(look, question)) ?? '', 'member').map((alarm) => ({
    name: elements(alarm, 'AlarmName')[0] ?? '',
    state: elements(alarm, 'StateValue')[0],
    mayAct: elements(alarm, 'ActionsEnabled')[0] !== 'false',
  }));
  const named = alarms.filter(({ name }) => name.startsWith(prefix));
  return {
    findings: [
      ...named
        .filter(({ state }) => state === 'ALARM')
        .map(({ name }) => ringing(name, name.slice(prefix.length))),
      ...named.filter(({ mayAct }) => !mayAct).map(({ name }) => silenced(name)),
    ],
  };
}

function ringing(name: string, section: string): Finding {
  return {
    code: 'alarm-ringing',
    explanation: `The alarm ${name} is in ALARM.`,
    remedy: { text: `See docs/operations.md, section ${section}.` },
  };
}

function silenced(name: string): Finding {
  return {
    code: 'alerts-off',
    explanation: `The actions of the alarm ${name} are disabled: it tells nobody.`,
    remedy: { text: `Enable them: aws cloudwatch enable-alarm-actions --alarm-names ${name}` },
  };
}
