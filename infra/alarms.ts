import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionRole } from '../shared/config/functions.ts';
import type { MetricName } from '../shared/config/metrics.ts';
import { type EnvironmentName, names } from '../shared/config/names.ts';
import { webhookNames } from '../shared/config/webhook.ts';
import type { Functions } from './functions.ts';
import type { HttpReadApi } from './http-api.ts';
import { highestOfQuotas, INVENTORY_PERIOD, orNone, reported, sum } from './metrics.ts';
import type { RenovaSettings } from './settings.ts';

export interface AlarmsProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
  readonly functions: Functions;
  readonly readApi: HttpReadApi;
  /** Ticks, alerts and webhooks that did not arrive. */
  readonly queues: Readonly<Record<'ticks' | 'alerts', IQueue>> & { readonly webhooks?: IQueue };
  /** Told when an alarm goes off, and when it is over. */
  readonly topics: readonly ITopic[];
  /** Told of the sum of all, too. */
  readonly furtherTopic: ITopic | undefined;
}

/** The alarms of an environment, each telling the topic by itself, and one that sums them up. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];
  /** In alarm while any other is: the one state that another system needs to know. It tells a topic of theirs. */
  readonly unwell: CompositeAlarm;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { env, topics, furtherTopic } = props;
    const tell = topics.map((topic) => new SnsAction(topic));
    this.all = Object.entries(alarmsOf(props)).map(([name, planned]) => {
      const alarm = createAlarm(this, props, name, planned);
      alarm.addAlarmAction(...tell);
      alarm.addOkAction(...tell);
      return alarm;
    });
    this.unwell = new CompositeAlarm(this, 'Unwell', {
      compositeAlarmName: `renova-${env}-unwell`,
      alarmDescription: `Something is wrong with Renova ${env}: see which of its alarms it is.`,
      alarmRule: AlarmRule.anyOf(...this.all.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
    });
    if (!furtherTopic) return;
    this.unwell.addAlarmAction(new SnsAction(furtherTopic));
    this.unwell.addOkAction(new SnsAction(furtherTopic));
  }
}

/** One alarm. Its name is the key in the table, the last part of its name in CloudWatch, and its section in docs/operations.md. */
interface PlannedAlarm {
  readonly metric: IMetric;
  readonly when: readonly [sign: keyof typeof OPERATORS, threshold: number];
  /** Goes off when so many of the latest so many periods are bad. */
  readonly periods: readonly [bad: number, of: number];
  /** No figure is a bad sign. Elsewhere it says that nothing happened. */
  readonly isSilenceBad?: boolean;
  /** What it means and what to do, for whoever reads it at night. */
  readonly says: string;
}

const OPERATORS = {
  '<': ComparisonOperator.LESS_THAN_THRESHOLD,
  '>': ComparisonOperator.GREATER_THAN_THRESHOLD,
  '>=': ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
} as const;

/** The period of what is looked at tick by tick. */
const TICK = Duration.minutes(1);
/** The period of what may happen now and then. */
const SOON = Duration.minutes(5);

/** Every alarm of an environment. */
function alarmsOf(props: AlarmsProps): Readonly<Record<string, PlannedAlarm>> {
  const { env, settings, readApi, queues } = props;
  const { lapseAlarmPercent } = settings;
  const { refreshFunction } = names(env);
  const log = `/aws/lambda/${refreshFunction}`;
  const byTick = (name: MetricName) => reported(env, name, { period: TICK });
  const lately = (name: MetricName) => reported(env, name, { period: SOON });
  const byInventory = (name: MetricName) => reported(env, name, { period: INVENTORY_PERIOD });
  return {
    // Nothing is refreshed at all, or what is due cannot be begun.
    silence: {
      metric: orNone(byTick('Ticks')),
      when: ['<', 1],
      periods: [3, 3],
      isSilenceBad: true,
      says: `No tick of Renova ${env} has reported for 3 minutes: nothing is refreshed, and tokens expire within minutes. Look: aws logs tail ${log} --since 10m. No line: aws scheduler get-schedule --name renova-${env}-tick (State must be ENABLED).`,
    },
    // What one tick could not do, the next one does: a store that is away for longer needs a person.
    'store-failures': {
      metric: byTick('StoreFailures'),
      when: ['>=', 1],
      periods: [3, 5],
      says: `Ticks of Renova ${env} could do nothing for credentials that are due: DynamoDB or Secrets Manager did not answer. Nothing is spent, no chain is lost; tokens expire if it goes on. Look: aws logs tail ${log} --since 10m --filter-pattern '"store unavailable"'. AccessDenied or a disabled key after a deployment: npx cdk deploy -c env=${env} of the version before. Else: AWS's health page.`,
    },

    'late-ticks': {
      metric: byTick('SecondsSinceLastTick'),
      when: ['>=', 150],
      periods: [3, 15],
      says: `Ticks of Renova ${env} come, but 150 seconds and more apart: tokens of a few minutes expire in between. Look: aws logs tail ${log} --since 30m --filter-pattern platform.report (time-outs, errors), and the alarms refresh-throttles and undelivered-ticks. Of several schedules, is one off: aws scheduler list-schedules --name-prefix renova-${env}-tick. Is it well: npx renova list --env ${env}.`,
    },
    // Each one alone is what Renova is built for; a lasting row says that something is killed or refused each time.
    'unresolved-attempts': {
      metric: lately('UnresolvedAttempts'),
      when: ['>=', 1],
      periods: [3, 3],
      says: `For 15 minutes attempts of Renova ${env} have ended without an answer that could be stored: a function that crashes or runs out of time or memory, or a provider that hangs. Chains can be lost by it. Look: aws logs tail ${log} --since 15m --filter-pattern ${BAD_ENDS}. Which ones: npx renova list --env ${env}. Deployed just now: npx cdk deploy -c env=${env} of the version before.`,
    },
    repairs: {
      metric: sum('repairs', lately('PublishRepairs'), lately('Adoptions')),
      when: ['>=', 1],
      periods: [3, 3],
      says: `For 15 minutes Renova ${env} has had to make good what refreshes could not finish: pairs are stored late or published late, and readers see them late. No chain is lost. Look: aws logs tail ${log} --since 15m --filter-pattern '?"keep failed" ?"publish failed" ?"finish failed"' (code). AccessDenied after a deployment: npx cdk deploy -c env=${env} of the version before.`,
    },
    // The way of every alert is the bus; this alarm does not need it.
    'refused-events': {
      metric: byTick('EventsRefused'),
      when: ['>=', 1],
      periods: [2, 3],
      says: `EventBridge does not take the events of Renova ${env}: nobody is told what happens to single credentials, and these alarms are all there is. Ask by yourself: npx renova list --env ${env}. Why: aws logs tail ${log} --since 10m --filter-pattern '"events not accepted"'. AccessDenied: the role of ${refreshFunction} or a policy of the bus was changed.`,
    },

    // How credentials are, and what their quotas have to give: the figures of every inventory.
    lapsed: {
      metric: byInventory('LapsedCredentials'),
      when: ['>=', 1],
      periods: [1, 2],
      says: `A credential of ${env} has lapsed: a person must log in at the provider. Which one: npx renova list --env ${env}. Then: npx renova reseed <id> --env ${env}.`,
    },
    'time-left': {
      metric: byInventory('ChainLifeLeft'),
      when: ['<', lapseAlarmPercent],
      periods: [1, 2],
      says: `The refresh token of a credential of ${env} has less than ${lapseAlarmPercent} % of its life left and was not refreshed; then a person must log in at the provider. Which one (column "refresh token"): npx renova list --env ${env}. Why, and what fixes it: npx renova status <id> --env ${env}.`,
    },
    failing: {
      metric: byInventory('FailingCredentials'),
      when: ['>=', 1],
      periods: [2, 3],
      says: `Refreshes of a credential of ${env} have been failing for 10 minutes or so; no chain is lost yet. Which one: npx renova list --env ${env}. Why, and what fixes it: npx renova status <id> --env ${env}. All of one provider: it is away, wait.`,
    },
    expired: {
      metric: byInventory('ExpiredCredentials'),
      when: ['>=', 1],
      periods: [1, 2],
      says: `The access token of a fresh credential of ${env} has expired and was not renewed, whatever the reason: its readers have none. Which one ("expired"): npx renova list --env ${env}. Why, and what fixes it: npx renova status <id> --env ${env}. No reason there: is a quota used up? npx renova capacity --env ${env}.`,
    },
    unpublished: {
      metric: byInventory('UnpublishedCredentials'),
      when: ['>=', 1],
      periods: [1, 2],
      says: `New tokens of a credential of ${env} do not get into Secrets Manager: readers of secrets have an old one that the provider refuses; readers over HTTP are not affected. No chain is lost. Which one (state "unpublished"): npx renova list --env ${env}. Why (code): aws logs tail ${log} --since 10m --filter-pattern '"publish failed"'. AccessDenied: its role, or the key of the secrets.`,
    },
    'quota-demand': {
      metric: highestOfQuotas(env, 'QuotaDemanded'),
      when: ['>', 80],
      periods: [3, 3],
      says: `The credentials of ${env} need over 80 % of what a provider's quota can serve; over 100 %, tokens expire. Nothing to fix tonight. The arithmetic: npx renova capacity --env ${env}. Room: npx renova update <id> --mode on-demand --env ${env}.`,
    },

    // Functions that crash or are held back, and the read API in front of one of them.
    ...alarmsOfFunction('refresh', props, 'Tokens may not be renewed in time.'),
    ...alarmsOfFunction(
      'read',
      props,
      'Readers over HTTP get 5xx; readers of Secrets Manager are not affected.',
    ),
    ...alarmsOfFunction('admin', props, "Operators' commands fail; refreshing goes on."),
    // The function's own 503 (a provider that is away) is among them: some may be, a lasting row is not.
    'read-api-errors': {
      metric: readApi.stage.metricServerError({ period: SOON, statistic: 'Sum' }),
      when: ['>=', 5],
      periods: [2, 3],
      says: `Readers of Renova ${env} over HTTP have been getting 5xx for 10 minutes; readers of Secrets Manager are not affected. A credential that cannot be refreshed (503): npx renova list --env ${env}. All healthy: aws logs tail /aws/vendedlogs/renova-${env}-read-api --since 15m --filter-pattern '{ $.status = "5*" }' names paths and callers; then the alarms read-errors and read-throttles.`,
    },

    // What did not arrive.
    'undelivered-ticks': {
      ...waitingIn(queues.ticks),
      says: `The schedule could not deliver ticks to ${refreshFunction}. The next ticks make up for it if they arrive; the alarm "silence" says if they do not. ${whyIn(`renova-${env}-undelivered-ticks`)}`,
    },
    'undelivered-alerts': {
      ...waitingIn(queues.alerts),
      says: `Alerts of Renova ${env} did not reach the topic: somebody was not told of something. What is the matter now: npx renova list --env ${env}. ${whyIn(`renova-${env}-undelivered-alerts`)}`,
    },
    ...(queues.webhooks && {
      'undelivered-webhooks': {
        ...waitingIn(queues.webhooks),
        says: `The receiver of the webhook of Renova ${env} has not taken an alert for an hour; mails and chat are not affected. Why: aws logs tail /aws/lambda/${webhookNames(env).webhookFunction} --since 1h --filter-pattern '"webhook not delivered"' (reason). When the receiver is well, post them again: aws sqs start-message-move-task --source-arn $(aws sqs get-queue-attributes --queue-url $(aws sqs get-queue-url --queue-name renova-${env}-undelivered-webhooks --query QueueUrl --output text) --attribute-names QueueArn --query Attributes.QueueArn --output text).`,
      },
    }),
  };
}

/** Three errors: one tick that fails is made good by the next. */
function alarmsOfFunction(
  role: FunctionRole,
  { env, settings, functions }: AlarmsProps,
  effect: string,
): Readonly<Record<string, PlannedAlarm>> {
  const name = names(env)[`${role}Function`];
  const deployed = functions.byRole[role];
  const room = roomOf(role, name, settings);
  return {
    [`${role}-errors`]: {
      metric: deployed.metricErrors({ period: SOON, statistic: 'Sum' }),
      when: ['>=', 3],
      periods: [1, 1],
      says: `${name} crashed or timed out 3 times in 5 minutes. ${effect} Look: aws logs tail /aws/lambda/${name} --since 15m --filter-pattern ${BAD_ENDS}. Deployed just now: deploy the version before.`,
    },
    [`${role}-throttles`]: {
      metric: deployed.metricThrottles({ period: SOON, statistic: 'Sum' }),
      when: ['>=', 1],
      periods: [1, 1],
      says: `${name} was called more often at a time than ${room.is}. ${effect} Look: aws lambda get-function-concurrency --function-name ${name}. If 0, somebody stopped it: ask who restores the ledger, else start it: ${room.start} ${room.raise}`,
    },
  };
}

/** How often a function may run at a time, how to start it again when it was stopped, and how to give it more. */
function roomOf(role: FunctionRole, name: string, { reservedConcurrency }: RenovaSettings) {
  if (reservedConcurrency === 'none') {
    return {
      is: 'the account allows',
      start: `aws lambda delete-function-concurrency --function-name ${name}.`,
      raise:
        'If not, the account is used up: ask Service Quotas for "Concurrent executions", then set reservedConcurrency among the settings of the stack, and deploy.',
    };
  }
  return {
    is: 'its reserved concurrency allows',
    start: `aws lambda put-function-concurrency --function-name ${name} --reserved-concurrent-executions ${reservedConcurrency[role]}.`,
    raise: 'If not, raise it: reservedConcurrency among the settings of the stack, and deploy.',
  };
}

/** A time-out or too little memory is no line of level ERROR: the platform's report has a status and an error type. */
const BAD_ENDS = "'?ERROR ?timeout ?errorType'";

function waitingIn(queue: IQueue): Omit<PlannedAlarm, 'says'> {
  const metric = queue.metricApproximateNumberOfMessagesVisible({ period: SOON, statistic: 'Maximum' });
  return { metric, when: ['>=', 1], periods: [1, 1] };
}

function whyIn(queueName: string): string {
  return `Why (attributes ERROR_CODE, ERROR_MESSAGE): aws sqs receive-message --message-attribute-names All --queue-url $(aws sqs get-queue-url --queue-name ${queueName} --output text). When fixed: aws sqs purge-queue with that URL.`;
}

function createAlarm(
  scope: Construct,
  { env, settings: { runbook } }: AlarmsProps,
  name: string,
  { metric, when, periods, isSilenceBad, says }: PlannedAlarm,
): Alarm {
  const [sign, threshold] = when;
  const [datapointsToAlarm, evaluationPeriods] = periods;
  return new Alarm(scope, name, {
    alarmName: `renova-${env}-${name}`,
    alarmDescription: `${says} More: ${runbook ?? 'docs/operations.md'}, "${name}".`,
    metric,
    comparisonOperator: OPERATORS[sign],
    threshold,
    datapointsToAlarm,
    evaluationPeriods,
    treatMissingData: isSilenceBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
  });
}
