import { Duration } from 'aws-cdk-lib';
import { Dashboard as CloudWatchDashboard, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { historyRow } from './dashboard-history.ts';
import { credentialsRow, nowRow } from './dashboard-now.ts';
import type { DashboardProps } from './dashboard-props.ts';
import { workRow } from './dashboard-work.ts';

/** Above, what matters now; below, how it came about; below that, how Renova itself does. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: `renova-${props.env}`,
      defaultInterval: Duration.hours(3),
      // Longer periods of a longer view would add censuses up or skip them.
      periodOverride: PeriodOverride.INHERIT,
      widgets: [nowRow(props), credentialsRow(props), historyRow(props), workRow(props)],
    });
  }
}
