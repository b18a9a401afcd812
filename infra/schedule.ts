import { Duration } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../shared/config/names.ts';

export interface TickScheduleProps {
  readonly env: EnvironmentName;
  readonly refresh: IFunction;
}

/**
 * One tick a minute, at the minute. A tick that could not be delivered is not tried again (the next one is
 * its retry) and goes to a queue, where it can be counted.
 */
export class TickSchedule extends Construct {
  constructor(scope: Construct, id: string, { env, refresh }: TickScheduleProps) {
    super(scope, id);
    const undelivered = new Queue(this, 'Undelivered', {
      queueName: `renova-${env}-undelivered-ticks`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    new Schedule(this, 'Schedule', {
      scheduleName: `renova-${env}-tick`,
      description: `A tick of Renova ${env}`,
      schedule: ScheduleExpression.rate(Duration.minutes(1)),
      timeWindow: TimeWindow.off(),
      target: new LambdaInvoke(refresh, {
        retryAttempts: 0,
        maxEventAge: Duration.seconds(60),
        deadLetterQueue: undelivered,
      }),
    });
  }
}
