import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  Color,
  GraphWidget,
  type GraphWidgetProps,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  PeriodOverride,
  SingleValueWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MetricName } from '../shared/config/metrics.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import type { Alarms } from './alarms.ts';
import type { Functions } from './functions.ts';
import type { HttpReadApi } from './http-api.ts';
import { eachQuota, INVENTORY_PERIOD, ofQuota, reported } from './metrics.ts';
import type { RenovaSettings } from './settings.ts';

export interface DashboardProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
  readonly functions: Functions;
  readonly readApi: HttpReadApi;
  readonly alarms: Alarms;
}

/** Above, what matters now; below, how it came about; below that, how Renova itself does. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `renova-${props.env}`,
      defaultInterval: Duration.hours(3),
      // Longer periods of a longer view would add inventories up or skip them.
      periodOverride: PeriodOverride.INHERIT,
      widgets: rowsOf(props),
    });
  }
}

/** Every widget, row by row. */
function rowsOf({ env, settings, functions, readApi, alarms }: DashboardProps): IWidget[][] {
  const byInventory = (name: MetricName, label: string) =>
    reported(env, name, { label, period: INVENTORY_PERIOD });
  const byTick = (name: MetricName, label: string) =>
    reported(env, name, { label, period: Duration.minutes(1) });
  const quotas = Object.entries(settings.quotas);
  const { refresh, read, admin } = functions;
  return [
    // What matters now: alarms, credentials by state, time to lapse.
    [
      new AlarmStatusWidget({
        title: `Renova ${env}: alarms`,
        alarms: [...alarms.all],
        width: 12,
        height: 6,
      }),
      new SingleValueWidget({
        title: 'Credentials by state',
        metrics: [
          byInventory('ActiveCredentials', 'Active'),
          byInventory('FailingCredentials', 'Failing'),
          byInventory('ExpiredCredentials', 'Expired'),
          byInventory('UnpublishedCredentials', 'Unpublished'),
          byInventory('LapsedCredentials', 'Lapsed'),
          byInventory('PausedCredentials', 'Paused'),
        ],
        width: 6,
        height: 6,
      }),
      new SingleValueWidget({
        title: `What is left of the chain that has least: percent of its life (alarm under ${settings.lapseAlarmPercent}), hours`,
        metrics: [byInventory('ChainLifeLeft', 'percent'), byInventory('HoursToLapse', 'hours')],
        sparkline: true,
        width: 6,
        height: 6,
      }),
    ],
    // Every credential by its name, first what needs a look: the latest line that an inventory wrote of each.
    [
      new LogQueryWidget({
        title: 'Every credential: age of its token, and time to lapse',
        logGroupNames: [refresh.logGroup.logGroupName],
        view: LogQueryVisualizationType.TABLE,
        queryLines: [
          'filter message = "credential"',
          'stats latest(state) as current_state, latest(generation) as last_generation, latest(tokenAgeMinutes) as age_minutes, latest(tokenMinutesLeft) as minutes_left, latest(hoursToLapse) as hours_to_lapse by credential',
          'sort minutes_left asc',
          'limit 1000',
        ],
        width: 24,
        height: 8,
      }),
    ],
    // How it came about: requests and demand of every quota, and what failed.
    [
      graph({
        title: 'Requests a minute of each quota, and its limit',
        left: quotas.map(([key, perMinute], at) => requestsAMinute(env, key, perMinute, at)),
        leftAnnotations: quotas.map(([key, perMinute]) => ({
          value: perMinute,
          label: `limit of ${key}`,
          color: Color.RED,
        })),
        height: 7,
      }),
      graph({
        title: 'Demand of each quota, in percent (alarm over 80)',
        left: [eachQuota(env, 'QuotaDemanded')],
        leftAnnotations: [{ value: 80, label: 'alarm', color: Color.RED }],
        height: 7,
      }),
      graph({
        title: 'Refreshes that failed, by outcome',
        left: [
          byTick('RefreshesNotSent', 'NotSent'),
          byTick('RefreshesThrottled', 'Throttled'),
          byTick('RefreshesUnknown', 'Unknown'),
          byTick('RefreshesGarbled', 'Garbled'),
          byTick('RefreshesRefusedGrant', 'RefusedGrant'),
          byTick('RefreshesRefusedClient', 'RefusedClient'),
          byTick('StoreFailures', 'Store'),
        ],
        stacked: true,
        height: 7,
      }),
    ],
    // What Renova itself does: ticks, latency, errors, and where to read on.
    [
      graph({
        title: 'Ticks, refreshes, and what a tick left over',
        left: [
          byTick('Ticks', 'ticks'),
          byTick('RefreshesSucceeded', 'refreshes'),
          byTick('CredentialsDue', 'due'),
          byTick('CredentialsLeft', 'left over'),
        ],
        height: 6,
      }),
      graph({
        title: 'Seconds between ticks (alarm from 150)',
        left: [byTick('SecondsSinceLastTick', 'seconds')],
        leftAnnotations: [{ value: 150, label: 'alarm', color: Color.RED }],
        height: 6,
      }),
      graph({
        title: "The provider's latency (p99)",
        left: [byTick('ProviderLatency', 'ms')],
        height: 6,
      }),
    ],
    [
      graph({
        title: 'What was made good later, and what was not told',
        left: [
          byTick('UnresolvedAttempts', 'unresolved attempts'),
          byTick('PublishFailures', 'publish failures'),
          byTick('PublishRepairs', 'publish repairs'),
          byTick('Adoptions', 'adoptions'),
          byTick('EventsRefused', 'refused events'),
        ],
        height: 6,
      }),
      graph({
        title: 'Logins that a person asked for',
        left: [byTick('LoginsSucceeded', 'succeeded'), byTick('LoginsFailed', 'failed')],
        height: 6,
      }),
      graph({
        title: 'Errors and throttles of the functions',
        left: [
          ...[refresh, read, admin].map((one) => one.metricErrors({ label: `${one.node.id} errors` })),
          ...[refresh, read, admin].map((one) => one.metricThrottles({ label: `${one.node.id} throttles` })),
          readApi.stage.metricServerError({ label: 'read API 5xx', statistic: 'Sum' }),
        ],
        height: 6,
      }),
      new TextWidget({
        markdown: `What each alarm means and what fixes it: docs/operations.md. Now: \`npx renova list --env ${env}\`, \`npx renova capacity --env ${env}\`.`,
        width: 24,
        height: 2,
      }),
    ],
  ];
}

/** A third of a row, from zero up. */
function graph(props: GraphWidgetProps): GraphWidget {
  return new GraphWidget({ leftYAxis: { min: 0 }, width: 8, ...props });
}

/** `QuotaUsed` is in percent of the permits that count in one window: of a quota a minute, of its requests a minute. */
function requestsAMinute(env: EnvironmentName, key: string, perMinute: number, at: number): MathExpression {
  return new MathExpression({
    expression: `used${at} * ${perMinute} / 100`,
    usingMetrics: { [`used${at}`]: ofQuota(env, 'QuotaUsed', key) },
    label: key,
    period: INVENTORY_PERIOD,
  });
}
