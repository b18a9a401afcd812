import { ComparisonOperator as Is } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { names } from '../shared/config/names.ts';
import { type AlarmPlanProps, type PlannedAlarm, SOON } from './planned-alarm.ts';

/** Alarms on ticks and alerts that did not arrive. */
export function undelivered({ env, queues }: AlarmPlanProps): PlannedAlarm[] {
  const waiting = (queue: IQueue) =>
    queue.metricApproximateNumberOfMessagesVisible({ period: SOON, statistic: 'Maximum' });
  const planned = { is: Is.GREATER_THAN_OR_EQUAL_TO_THRESHOLD, threshold: 1, periods: [1, 1] } as const;
  const why = (queue: string) =>
    `Why (attributes ERROR_CODE, ERROR_MESSAGE): aws sqs receive-message --message-attribute-names All --queue-url $(aws sqs get-queue-url --queue-name ${queue} --output text). When mended: aws sqs purge-queue with that URL.`;
  return [
    {
      name: 'undelivered-ticks',
      metric: waiting(queues.ticks),
      ...planned,
      says: `The schedule could not deliver ticks to ${names(env).refreshFunction}. The next ticks make up for it if they arrive; the alarm "silence" says if they do not. ${why(`renova-${env}-undelivered-ticks`)}`,
    },
    {
      name: 'undelivered-alerts',
      metric: waiting(queues.alerts),
      ...planned,
      says: `Alerts of Renova ${env} did not reach the topic: somebody was not told of something. What is the matter now: npx renova list --env ${env}. ${why(`renova-${env}-undelivered-alerts`)}`,
    },
  ];
}
