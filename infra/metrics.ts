import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { EnvironmentName } from '../shared/config/names.ts';

/** Namespace and dimensions of docs/metrics.md; a test compares every metric of the stack with its list. */
const NAMESPACE = 'Renova';
const SERVICE = 'renova-refresh';

/** A census is taken in each of these, and a shorter period would have gaps. */
export const CENSUS_PERIOD = Duration.minutes(5);

/** A metric that the refresh function reports, by its name in docs/metrics.md. */
export function reported(env: EnvironmentName, metricName: string, options: MetricOptions): Metric {
  const dimensionsMap = { service: SERVICE, environment: env };
  return new Metric({ namespace: NAMESPACE, metricName, dimensionsMap, ...options });
}

/** A figure of the quota with this key. */
export function ofQuota(env: EnvironmentName, metricName: string, quota: string): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { service: SERVICE, environment: env, quota },
    statistic: 'Maximum',
    period: CENSUS_PERIOD,
  });
}

/** The highest value among all quotas, whatever their keys: a quota comes with a registration, not a deployment. */
export function highestOfQuotas(env: EnvironmentName, metricName: string): MathExpression {
  return new MathExpression({
    expression: `SELECT MAX(${metricName}) FROM SCHEMA(${NAMESPACE}, environment, quota, service) WHERE environment = '${env}'`,
    usingMetrics: {},
    label: metricName,
    period: CENSUS_PERIOD,
  });
}

/** A line for each quota, whatever its key. For dashboards only: an alarm cannot search. */
export function eachQuota(env: EnvironmentName, metricName: string): MathExpression {
  return new MathExpression({
    expression: `SEARCH('{${NAMESPACE},environment,quota,service} environment="${env}" MetricName="${metricName}"', 'Maximum', ${CENSUS_PERIOD.toSeconds()})`,
    usingMetrics: {},
    // An empty label names each line by its quota.
    label: '',
    period: CENSUS_PERIOD,
  });
}
