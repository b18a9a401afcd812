import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  Color,
  GraphWidget,
  type IWidget,
  MathExpression,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { EnvironmentSettings } from '../shared/config/environments.ts';
import type { MetricName } from '../shared/config/metrics.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import type { Alarms } from './alarms.ts';
import type { Functions } from './functions.ts';
import { CENSUS_PERIOD, eachQuota, ofQuota, reported } from './metrics.ts';

export interface DashboardProps {
  readonly env: EnvironmentName;
  readonly settings: EnvironmentSettings;
  readonly functions: Functions;
  readonly alarms: Alarms;
}

/** Above, what matters now (alarms, credentials by state, time to lapse); below, how it came about. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `renova-${props.env}`,
      defaultInterval: Duration.hours(3),
      // Longer periods of a longer view would add censuses up or skip them.
      periodOverride: PeriodOverride.INHERIT,
      widgets: [now(props), history(props), work(props)],
    });
  }
}

function now({ env, settings, alarms }: DashboardProps): IWidget[] {
  const states = [
    'ActiveCredentials',
    'FailingCredentials',
    'LapsedCredentials',
    'PausedCredentials',
  ] as const;
  return [
    new AlarmStatusWidget({ title: `Renova ${env}: alarms`, alarms: [...alarms.all], width: 12, height: 6 }),
    new SingleValueWidget({
      title: 'Credentials by state',
      metrics: states.map((name) => census(env, name, name.replace('Credentials', ''))),
      width: 6,
      height: 6,
    }),
    new SingleValueWidget({
      title: `Hours until the first chain ends (alarm under ${settings.lapseAlarmHours})`,
      metrics: [census(env, 'HoursToLapse', 'hours')],
      sparkline: true,
      width: 6,
      height: 6,
    }),
  ];
}

function history({ env, settings }: DashboardProps): IWidget[] {
  return [
    new GraphWidget({
      title: 'Requests a minute of each quota, and its limit',
      left: Object.entries(settings.quotas).map(([key, perMinute], at) =>
        requestsAMinute(env, key, perMinute, at),
      ),
      leftAnnotations: Object.entries(settings.quotas).map(([key, perMinute]) => ({
        value: perMinute,
        label: `limit of ${key}`,
        color: Color.RED,
      })),
      leftYAxis: { min: 0 },
      width: 8,
      height: 7,
    }),
    new GraphWidget({
      title: 'Demand of each quota, in percent (alarm over 80)',
      left: [eachQuota(env, 'QuotaDemanded')],
      leftAnnotations: [{ value: 80, label: 'alarm', color: Color.RED }],
      leftYAxis: { min: 0 },
      width: 8,
      height: 7,
    }),
    new GraphWidget({
      title: 'Refreshes that failed, by outcome',
      left: FAILURES.map((name) => ofMinutes(env, name, name.replace('Refreshes', ''))),
      stacked: true,
      leftYAxis: { min: 0 },
      width: 8,
      height: 7,
    }),
  ];
}

const FAILURES = [
  'RefreshesNotSent',
  'RefreshesThrottled',
  'RefreshesUnknown',
  'RefreshesGarbled',
  'RefreshesRefusedGrant',
  'RefreshesRefusedClient',
] as const;

function work({ env, functions }: DashboardProps): IWidget[] {
  const { refresh, read, admin } = functions;
  const each = [refresh, read, admin];
  return [
    new GraphWidget({
      title: 'Ticks, refreshes, and what a tick left over',
      left: [
        ofMinutes(env, 'Ticks', 'ticks'),
        ofMinutes(env, 'RefreshesSucceeded', 'refreshes'),
        ofMinutes(env, 'CredentialsLeft', 'left over'),
      ],
      leftYAxis: { min: 0 },
      width: 8,
      height: 6,
    }),
    new GraphWidget({
      title: "The provider's latency (p99)",
      left: [ofMinutes(env, 'ProviderLatency', 'ms')],
      leftYAxis: { min: 0 },
      width: 8,
      height: 6,
    }),
    new GraphWidget({
      title: 'Errors and throttles of the functions',
      left: [
        ...each.map((one) => one.metricErrors({ label: `${one.node.id} errors` })),
        ...each.map((one) => one.metricThrottles({ label: `${one.node.id} throttles` })),
      ],
      leftYAxis: { min: 0 },
      width: 8,
      height: 6,
    }),
    new TextWidget({
      markdown: `What each alarm means and what mends it: docs/operations.md. Now: \`npx renova list --env ${env}\`, \`npx renova capacity --env ${env}\`.`,
      width: 24,
      height: 2,
    }),
  ];
}

function census(env: EnvironmentName, name: MetricName, label: string) {
  return reported(env, name, { label, period: CENSUS_PERIOD });
}

function ofMinutes(env: EnvironmentName, name: MetricName, label: string) {
  return reported(env, name, { label, period: Duration.minutes(1) });
}

/** `QuotaUsed` is in percent of the permits that count in one window: of a quota a minute, of its requests a minute. */
function requestsAMinute(env: EnvironmentName, key: string, perMinute: number, at: number): MathExpression {
  return new MathExpression({
    expression: `used${at} * ${perMinute} / 100`,
    usingMetrics: { [`used${at}`]: ofQuota(env, 'QuotaUsed', key) },
    label: key,
    period: CENSUS_PERIOD,
  });
}
