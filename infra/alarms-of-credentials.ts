import { ComparisonOperator as Is } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../shared/config/metrics.ts';
import { highestOfQuotas, INVENTORY_PERIOD, reported } from './metrics.ts';
import type { AlarmPlanProps, PlannedAlarm } from './planned-alarm.ts';

/** Alarms on what every inventory finds: how credentials are, and what their quotas have to give. */
export function credentialsAndQuotas({ env, settings }: AlarmPlanProps): PlannedAlarm[] {
  const { lapseAlarmHours } = settings;
  const inventory = (name: MetricName) => reported(env, name, { period: INVENTORY_PERIOD });
  return [
    {
      name: 'lapsed',
      metric: inventory('LapsedCredentials'),
      is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      periods: [1, 2],
      says: `A credential of ${env} has lapsed: a person must log in at the provider. Which one: npx renova list --env ${env}. Then: npx renova reseed <id> --env ${env}.`,
    },
    {
      name: 'time-left',
      metric: inventory('HoursToLapse'),
      is: Is.LESS_THAN_THRESHOLD,
      threshold: lapseAlarmHours,
      periods: [1, 2],
      says: `The refresh token of a credential of ${env} ends in less than ${lapseAlarmHours} hours and was not refreshed; then a person must log in at the provider. Which one ("chain ends in"): npx renova list --env ${env}. Why, and what mends it: npx renova status <id> --env ${env}.`,
    },
    {
      name: 'failing',
      metric: inventory('FailingCredentials'),
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
