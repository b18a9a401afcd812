import {
  AlarmStatusWidget,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
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

/** Every credential by its name, first what needs a look: the latest line that a inventory wrote of each. */
export function credentialsRow({ functions }: DashboardProps): IWidget[] {
  return [
    new LogQueryWidget({
      title: 'Every credential: age of its token, and time to lapse',
      logGroupNames: [functions.refresh.logGroup.logGroupName],
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
  ];
}
