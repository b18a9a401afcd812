import { credentialsAndQuotas } from './alarms-of-credentials.ts';
import { undelivered } from './alarms-of-dead-letters.ts';
import { errorsAndThrottles } from './alarms-of-functions.ts';
import { ticksAndStores } from './alarms-of-ticks.ts';
import type { AlarmPlanProps, PlannedAlarm } from './planned-alarm.ts';

/** Every alarm of an environment. */
export function planAlarms(props: AlarmPlanProps): PlannedAlarm[] {
  return [
    ...ticksAndStores(props),
    ...credentialsAndQuotas(props),
    ...errorsAndThrottles(props),
    ...undelivered(props),
  ];
}
