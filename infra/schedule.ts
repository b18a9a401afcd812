import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Schedule, ScheduleExpression, ScheduleTargetInput, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EnvironmentName } from '../shared/config/names.ts';
import type { TickInput } from '../shared/config/shards.ts';

export interface TickScheduleProps {
  readonly env: EnvironmentName;
  readonly refresh: IFunction;
  /** So many schedules, each for a part of the credentials. */
  readonly schedules: number;
}

/**
 * One tick a minute and schedule, from the second at which the schedule was made. A tick that could not be delivered is not tried again (the next one is
 * its retry) and goes to a queue, where it can be counted.
 */
export class TickSchedule extends Construct {
  /** Ticks that could not be delivered. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { env, refresh, schedules }: TickScheduleProps) {
    super(scope, id);
    this.undelivered = new Queue(this, 'Undelivered', {
      queueName: `renova-${env}-undelivered-ticks`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const role = this.#createRole(refresh).withoutPolicyUpdates();
    for (let index = 0; index < schedules; index += 1) {
      const isFirst = index === 0;
      const input: TickInput = { shard: { index, of: schedules } };
      new Schedule(this, isFirst ? 'Schedule' : `Schedule${index + 1}`, {
        scheduleName: `renova-${env}-tick${isFirst ? '' : `-${index + 1}`}`,
        description: `A tick of Renova ${env}${schedules === 1 ? '' : `, part ${index + 1} of ${schedules}`}`,
        schedule: ScheduleExpression.rate(Duration.minutes(1)),
        timeWindow: TimeWindow.off(),
        target: new LambdaInvoke(refresh, {
          retryAttempts: 0,
          maxEventAge: Duration.seconds(60),
          deadLetterQueue: this.undelivered,
          role,
          ...(schedules > 1 && { input: ScheduleTargetInput.fromObject(input) }),
        }),
      });
    }
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
