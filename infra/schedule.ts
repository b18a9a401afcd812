import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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
 * One tick a minute, from the second at which the schedule was made. A tick that could not be delivered is not tried again (the next one is
 * its retry) and goes to a queue, where it can be counted.
 */
export class TickSchedule extends Construct {
  /** Ticks that could not be delivered. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { env, refresh }: TickScheduleProps) {
    super(scope, id);
    this.undelivered = new Queue(this, 'Undelivered', {
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
        deadLetterQueue: this.undelivered,
        role: this.#createRole(refresh).withoutPolicyUpdates(),
      }),
    });
  }

  /** May do two things: invoke the function, no named version of it, and put aside what it cannot deliver. */
  #createRole(refresh: IFunction): Role {
    const stack = Stack.of(this);
    const group = { service: 'scheduler', resource: 'schedule-group', resourceName: 'default' };
    const role = new Role(this, 'Role', {
      description: 'What the schedule of ticks may do',
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnEquals: {
            'aws:SourceArn': stack.formatArn({ ...group, arnFormat: ArnFormat.SLASH_RESOURCE_NAME }),
          },
        },
      }),
    });
    role.addToPolicy(allow('Tick', 'lambda:InvokeFunction', refresh.functionArn));
    role.addToPolicy(allow('PutAside', 'sqs:SendMessage', this.undelivered.queueArn));
    return role;
  }
}

function allow(sid: string, action: string, resource: string): PolicyStatement {
  return new PolicyStatement({ sid, effect: Effect.ALLOW, actions: [action], resources: [resource] });
}
