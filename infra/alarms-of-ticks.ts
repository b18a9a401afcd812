import { ComparisonOperator as Is } from 'aws-cdk-lib/aws-cloudwatch';
import { names } from '../shared/config/names.ts';
import { orNone, reported } from './metrics.ts';
import { type AlarmPlanProps, type PlannedAlarm, TICK } from './planned-alarm.ts';

/** Alarms that go off when nothing is refreshed at all, or what is due cannot be begun. */
export function ticksAndStores({ env }: AlarmPlanProps): PlannedAlarm[] {
  const log = `/aws/lambda/${names(env).refreshFunction}`;
  return [
    {
      name: 'silence',
      metric: orNone(reported(env, 'Ticks', { period: TICK })),
      is: Is.LESS_THAN_THRESHOLD,
      threshold: 1,
      periods: [3, 3],
      isSilenceBad: true,
      says: `No tick of Renova ${env} has reported for 3 minutes: nothing is refreshed, and tokens expire within minutes. Look: aws logs tail ${log} --since 10m. No line: aws scheduler get-schedule --name renova-${env}-tick (State must be ENABLED).`,
    },
    {
      // What one tick could not do, the next one does: a store that is away for longer needs a person.
      name: 'store-failures',
      metric: reported(env, 'StoreFailures', { period: TICK }),
      is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      periods: [3, 5],
      says: `Ticks of Renova ${env} could do nothing for credentials that are due: DynamoDB or Secrets Manager did not answer. Nothing is spent, no chain is lost; tokens expire if it goes on. Look: aws logs tail ${log} --since 10m --filter-pattern '"store unavailable"'. AccessDenied or a disabled key after a deployment: npx cdk deploy -c env=${env} of the version before. Else: AWS's health page.`,
    },
  ];
}
