import { ComparisonOperator as Is } from 'aws-cdk-lib/aws-cloudwatch';
import { FUNCTIONS, type FunctionRole } from '../shared/config/functions.ts';
import { names } from '../shared/config/names.ts';
import { type AlarmPlanProps, type PlannedAlarm, SOON } from './planned-alarm.ts';

/** Alarms on functions that crash or are held back, and on the read API in front of one of them. */
export function errorsAndThrottles(props: AlarmPlanProps): PlannedAlarm[] {
  return [...ofFunctions(props), ofReadApi(props)];
}

/** Three errors: one tick that fails is made good by the next. */
function ofFunctions({ env, settings, functions }: AlarmPlanProps): PlannedAlarm[] {
  return (Object.keys(FUNCTIONS) as FunctionRole[]).flatMap((role) => {
    const name = names(env)[`${role}Function`];
    return [
      {
        name: `${role}-errors`,
        metric: functions[role].metricErrors({ period: SOON, statistic: 'Sum' }),
        is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        threshold: 3,
        periods: [1, 1],
        says: `${name} crashed or timed out 3 times in 5 minutes. ${EFFECT_OF_ERRORS[role]} Look: aws logs tail /aws/lambda/${name} --since 15m --filter-pattern ${BAD_ENDS}. Deployed just now: deploy the version before.`,
      },
      {
        name: `${role}-throttles`,
        metric: functions[role].metricThrottles({ period: SOON, statistic: 'Sum' }),
        is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        threshold: 1,
        periods: [1, 1],
        says: `${name} was called more often at a time than its reserved concurrency allows. ${EFFECT_OF_ERRORS[role]} Look: aws lambda get-function-concurrency --function-name ${name}. If 0, somebody stopped it: ask who restores the ledger, else start it: aws lambda put-function-concurrency --function-name ${name} --reserved-concurrent-executions ${settings.reservedConcurrency[role]}. If not, raise it: reservedConcurrency in shared/config/environments.ts, and deploy.`,
      },
    ] satisfies PlannedAlarm[];
  });
}

/** The function's own 503 (a provider that is away) is among them: some may be, a lasting row is not. */
function ofReadApi({ env, failedReads }: AlarmPlanProps): PlannedAlarm {
  return {
    name: 'read-api-errors',
    metric: failedReads,
    is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 5,
    periods: [2, 3],
    says: `Readers of Renova ${env} over HTTP have been getting 5xx for 10 minutes; readers of Secrets Manager are not affected. A credential that cannot be refreshed (503): npx renova list --env ${env}. All healthy: aws logs tail /aws/vendedlogs/renova-${env}-read-api --since 15m --filter-pattern '{ $.status = "5*" }' names paths and callers; then the alarms read-errors and read-throttles.`,
  };
}

/** A time-out or too little memory is no line of level ERROR: the platform's report has a status and an error type. */
const BAD_ENDS = "'?ERROR ?timeout ?errorType'";

const EFFECT_OF_ERRORS: Readonly<Record<FunctionRole, string>> = {
  refresh: 'Tokens may not be renewed in time.',
  read: 'Readers over HTTP get 5xx; readers of Secrets Manager are not affected.',
  admin: "Operators' commands fail; refreshing goes on.",
};
