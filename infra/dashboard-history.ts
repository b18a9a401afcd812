import { Color, GraphWidget, type IWidget, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { EnvironmentName } from '../shared/config/names.ts';
import type { DashboardProps } from './dashboard-props.ts';
import { byTheMinute, eachQuota, INVENTORY_PERIOD, ofQuota } from './metrics.ts';

/** How it came about: requests and demand of every quota, and what failed. */
export function historyRow({ env, settings }: DashboardProps): IWidget[] {
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
      left: [
        ...FAILURES.map((name) => byTheMinute(env, name, name.replace('Refreshes', ''))),
        byTheMinute(env, 'StoreFailures', 'Store'),
      ],
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

/** `QuotaUsed` is in percent of the permits that count in one window: of a quota a minute, of its requests a minute. */
function requestsAMinute(env: EnvironmentName, key: string, perMinute: number, at: number): MathExpression {
  return new MathExpression({
    expression: `used${at} * ${perMinute} / 100`,
    usingMetrics: { [`used${at}`]: ofQuota(env, 'QuotaUsed', key) },
    label: key,
    period: INVENTORY_PERIOD,
  });
}
