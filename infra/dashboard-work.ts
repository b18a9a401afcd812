import { GraphWidget, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { DashboardProps } from './dashboard-props.ts';
import { byTheMinute } from './metrics.ts';

/** What Renova itself does: ticks, latency, errors, and where to read on. */
export function workRow({ env, functions, readApi }: DashboardProps): IWidget[] {
  const { refresh, read, admin } = functions;
  const each = [refresh, read, admin];
  return [
    new GraphWidget({
      title: 'Ticks, refreshes, and what a tick left over',
      left: [
        byTheMinute(env, 'Ticks', 'ticks'),
        byTheMinute(env, 'RefreshesSucceeded', 'refreshes'),
        byTheMinute(env, 'CredentialsLeft', 'left over'),
      ],
      leftYAxis: { min: 0 },
      width: 8,
      height: 6,
    }),
    new GraphWidget({
      title: "The provider's latency (p99)",
      left: [byTheMinute(env, 'ProviderLatency', 'ms')],
      leftYAxis: { min: 0 },
      width: 8,
      height: 6,
    }),
    new GraphWidget({
      title: 'Errors and throttles of the functions',
      left: [
        ...each.map((one) => one.metricErrors({ label: `${one.node.id} errors` })),
        ...each.map((one) => one.metricThrottles({ label: `${one.node.id} throttles` })),
        readApi.stage.metricServerError({ label: 'read API 5xx', statistic: 'Sum' }),
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
