import { Duration } from 'aws-cdk-lib';
import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { ComparisonOperator as Is } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { EnvironmentSettings } from '../shared/config/environments.ts';
import { FUNCTIONS, type FunctionRole } from '../shared/config/functions.ts';
import type { MetricName } from '../shared/config/metrics.ts';
import { type EnvironmentName, names } from '../shared/config/names.ts';
import { CENSUS_PERIOD, highestOfQuotas, reported } from './metrics.ts';

/** One alarm, before there is a construct for it. */
export interface PlannedAlarm {
  /** Last part of its name; its section in docs/operations.md has this name. */
  readonly name: string;
  readonly metric: IMetric;
  readonly is: Is;
  readonly threshold: number;
  /** So many of the latest so many periods. */
  readonly periods: readonly [bad: number, of: number];
  /** No figure is a bad sign; everywhere else it says that nothing happened. */
  readonly isSilenceBad?: boolean;
  /** What it means and what to do, for whoever reads it at night. */
  readonly says: string;
}

export interface AlarmPlanProps {
  readonly env: EnvironmentName;
  readonly settings: EnvironmentSettings;
  readonly functions: Readonly<Record<FunctionRole, IFunction>>;
  readonly queues: Readonly<Record<'ticks' | 'alerts', IQueue>>;
}

const TICK = Duration.minutes(1);
const SOON = Duration.minutes(5);

/** Every alarm of an environment. */
export function planAlarms(props: AlarmPlanProps): PlannedAlarm[] {
  return [silence(props.env), ...ofCredentials(props), ...ofFunctions(props), ...ofDeadLetters(props)];
}

function silence(env: EnvironmentName): PlannedAlarm {
  return {
    name: 'silence',
    metric: reported(env, 'Ticks', { period: TICK }),
    is: Is.LESS_THAN_THRESHOLD,
    threshold: 1,
    periods: [3, 3],
    isSilenceBad: true,
    says: `No tick of Renova ${env} has reported for 3 minutes: nothing is refreshed, and tokens expire within minutes. Look: aws logs tail ${logGroup(env)} --since 10m. No line: aws scheduler get-schedule --name renova-${env}-tick (State must be ENABLED).`,
  };
}

function ofCredentials({ env, settings }: AlarmPlanProps): PlannedAlarm[] {
  const { lapseAlarmHours } = settings;
  const census = (name: MetricName) => reported(env, name, { period: CENSUS_PERIOD });
  return [
    {
      name: 'lapsed',
      metric: census('LapsedCredentials'),
      is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      periods: [1, 2],
      says: `A credential of ${env} has lapsed: a person must log in at the provider. Which one: npx renova list --env ${env}. Then: npx renova reseed <id> --env ${env}.`,
    },
    {
      name: 'time-left',
      metric: census('HoursToLapse'),
      is: Is.LESS_THAN_THRESHOLD,
      threshold: lapseAlarmHours,
      periods: [1, 2],
      says: `The refresh token of a credential of ${env} ends in less than ${lapseAlarmHours} hours and was not refreshed; then a person must log in at the provider. Which one ("chain ends in"): npx renova list --env ${env}. Why, and what mends it: npx renova status <id> --env ${env}.`,
    },
    {
      name: 'failing',
      metric: census('FailingCredentials'),
      is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      periods: [2, 3],
      says: `Refreshes of a credential of ${env} have been failing for 10 minutes or so; no chain is lost yet. Which one: npx renova list --env ${env}. Why, and what mends it: npx renova status <id> --env ${env}. All of one provider: it is away, wait.`,
    },
    {
      name: 'quota-demand',
      metric: highestOfQuotas(env, 'QuotaDemanded'),
      is: Is.GREATER_THAN_THRESHOLD,
      threshold: 80,
      periods: [3, 3],
      says: `The credentials of ${env} need over 80 % of what a provider's quota can serve; over 100 %, tokens expire. Nothing to mend tonight. The arithmetic: npx renova capacity --env ${env}. Room: npx renova update <id> --mode on-demand --env ${env}.`,
    },
  ];
}

/** Three errors: one tick that fails is made good by the next. */
function ofFunctions({ env, functions }: AlarmPlanProps): PlannedAlarm[] {
  return (Object.keys(FUNCTIONS) as FunctionRole[]).flatMap((role) => {
    const name = names(env)[`${role}Function`];
    return [
      {
        name: `${role}-errors`,
        metric: functions[role].metricErrors({ period: SOON, statistic: 'Sum' }),
        is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        threshold: 3,
        periods: [1, 1],
        says: `${name} crashed or timed out 3 times in 5 minutes. ${EFFECT_OF_ERRORS[role]} Look: aws logs tail /aws/lambda/${name} --since 15m --filter-pattern ERROR. Deployed just now: deploy the version before.`,
      },
      {
        name: `${role}-throttles`,
        metric: functions[role].metricThrottles({ period: SOON, statistic: 'Sum' }),
        is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        threshold: 1,
        periods: [1, 1],
        says: `${name} was called more often at a time than its reserved concurrency allows. ${EFFECT_OF_ERRORS[role]} Look: aws lambda get-function-concurrency --function-name ${name} (0: somebody stopped it). Raise it: reservedConcurrency in shared/config/environments.ts, and deploy.`,
      },
    ] satisfies PlannedAlarm[];
  });
}

const EFFECT_OF_ERRORS: Readonly<Record<FunctionRole, string>> = {
  refresh: 'Tokens may not be renewed in time.',
  read: 'Readers over HTTP get 5xx; readers of Secrets Manager are not affected.',
  admin: "Operators' commands fail; refreshing goes on.",
};

function ofDeadLetters({ env, queues }: AlarmPlanProps): PlannedAlarm[] {
  const waiting = (queue: IQueue) =>
    queue.metricApproximateNumberOfMessagesVisible({ period: SOON, statistic: 'Maximum' });
  const planned = { is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD, threshold: 1, periods: [1, 1] } as const;
  const why = (queue: string) =>
    `Why (attributes ERROR_CODE, ERROR_MESSAGE): aws sqs receive-message --message-attribute-names All --queue-url $(aws sqs get-queue-url --queue-name ${queue} --output text). When mended: aws sqs purge-queue with that URL.`;
  return [
    {
      name: 'undelivered-ticks',
      metric: waiting(queues.ticks),
      ...planned,
      says: `The schedule could not deliver ticks to ${names(env).refreshFunction}. The next ticks make up for it if they arrive; the alarm "silence" says if they do not. ${why(`renova-${env}-undelivered-ticks`)}`,
    },
    {
      name: 'undelivered-alerts',
      metric: waiting(queues.alerts),
      ...planned,
      says: `Alerts of Renova ${env} did not reach the topic: somebody was not told of something. What is the matter now: npx renova list --env ${env}. ${why(`renova-${env}-undelivered-alerts`)}`,
    },
  ];
}

function logGroup(env: EnvironmentName): string {
  return `/aws/lambda/${names(env).refreshFunction}`;
}
