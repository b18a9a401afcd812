import { AlarmStatusWidget, type IWidget, SingleValueWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { DashboardProps } from './dashboard-props.ts';
import { inCensuses } from './metrics.ts';

/** What matters now: alarms, credentials by state, time to lapse. */
export function nowRow({ env, settings, alarms }: DashboardProps): IWidget[] {
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
      metrics: states.map((name) => inCensuses(env, name, name.replace('Credentials', ''))),
      width: 6,
      height: 6,
    }),
    new SingleValueWidget({
      title: `Hours until the first chain ends (alarm under ${settings.lapseAlarmHours})`,
      metrics: [inCensuses(env, 'HoursToLapse', 'hours')],
      sparkline: true,
      width: 6,
      height: 6,
    }),
  ];
}
