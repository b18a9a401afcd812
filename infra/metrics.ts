import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, METRICS_NAMESPACE, METRICS_SERVICE, type MetricName } from '../shared/config/metrics.ts';
import type { EnvironmentName } from '../shared/config/names.ts';

/** One inventory is taken in each of these; a shorter period would have gaps. */
export const INVENTORY_PERIOD = Duration.minutes(5);

/** What a graph of a metric needs to be told; its statistic is in the list of metrics. */
export type Reading = Pick<MetricOptions, 'label'> & Required<Pick<MetricOptions, 'period'>>;

/** A metric that the refresh function reports (docs/metrics.md). */
export function reported(env: EnvironmentName, metricName: MetricName, reading: Reading): Metric {
  return ofDimensions(metricName, { service: METRICS_SERVICE, environment: env }, reading);
}

/**
 * A count that is 0 where it was not reported. An alarm on the count itself would be late: CloudWatch makes up for
 * missing periods with older ones, as long as it finds any.
 */
export function orNone(count: Metric): MathExpression {
  const { period, metricName } = count;
  return new MathExpression({
    expression: 'FILL(reported, 0)',
    usingMetrics: { reported: count },
    label: metricName,
    period,
  });
}

/** The sum of two counts, either of which may not have been reported. */
export function sum(label: string, one: Metric, other: Metric): MathExpression {
  return new MathExpression({
    expression: 'FILL(one, 0) + FILL(other, 0)',
    usingMetrics: { one, other },
    label,
    period: one.period,
  });
}

/** A figure of the quota with this key. */
export function ofQuota(env: EnvironmentName, metricName: MetricName, quota: string): Metric {
  const dimensions = { service: METRICS_SERVICE, environment: env, quota };
  return ofDimensions(metricName, dimensions, { period: INVENTORY_PERIOD });
}

function ofDimensions(
  metricName: MetricName,
  dimensionsMap: Record<string, string>,
  reading: Reading,
): Metric {
  const { statistic } = METRICS[metricName];
  return new Metric({ namespace: METRICS_NAMESPACE, metricName, dimensionsMap, statistic, ...reading });
}

/** The highest value among all quotas, whatever their keys: a quota comes with a registration, not a deployment. */
export function highestOfQuotas(env: EnvironmentName, metricName: MetricName): MathExpression {
  return new MathExpression({
    expression: `SELECT MAX(${metricName}) FROM SCHEMA(${METRICS_NAMESPACE}, environment, quota, service) WHERE environment = '${env}'`,
    usingMetrics: {},
    label: metricName,
    period: INVENTORY_PERIOD,
  });
}

/** A line for each quota, whatever its key. For dashboards only: an alarm cannot search. */
export function eachQuota(env: EnvironmentName, metricName: MetricName): MathExpression {
  return new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},environment,quota,service} environment="${env}" MetricName="${metricName}"', 'Maximum', ${INVENTORY_PERIOD.toSeconds()})`,
    usingMetrics: {},
    // An empty label names each line by its quota.
    label: '',
    period: INVENTORY_PERIOD,
  });
}
