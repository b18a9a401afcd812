import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_TYPES, EVENTS } from '../shared/config/events.ts';
import { WEBHOOK_ATTEMPTS, WEBHOOK_FUNCTION } from '../shared/config/functions.ts';
import { type EnvironmentName, EVENT_SOURCE } from '../shared/config/names.ts';
import { ALARM_TYPE, webhookNames } from '../shared/config/webhook.ts';
import { createFunction } from './create-function.ts';
import { READ_SECRETS, useThroughSecretsManager } from './data-key.ts';
import type { OwnKeys } from './own-keys.ts';
import type { RenovaSettings } from './settings.ts';

export interface WebhookProps {
  readonly env: EnvironmentName;
  readonly url: string;
  readonly settings: RenovaSettings;
  readonly keys: OwnKeys;
}

/**
 * Posts what people are told of, and the alarms, to a URL, signed. A queue stands before the function: what the
 * receiver does not take is posted again, and kept as a dead letter in the end.
 */
export class Webhook extends Construct {
  readonly function: LambdaFunction;
  /** The key of the signatures. */
  readonly key: Secret;
  /** What no attempt delivered. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { env, url, settings, keys }: WebhookProps) {
    super(scope, id);
    const { webhookFunction, signingKey: secretName } = webhookNames(env);
    this.key = new Secret(this, 'Key', {
      secretName,
      description: `Renova: signs the webhooks of ${env}`,
      // 64 letters and digits are base64 of 48 bytes. NEVER CHANGE THIS: CloudFormation would make a new key.
      generateSecretString: { passwordLength: 64, excludePunctuation: true, includeSpace: false },
      encryptionKey: keys.secrets,
      // A receiver knows it: a stack that is made anew need not be told to it again.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.undelivered = this.#createQueue('Undelivered', `renova-${env}-undelivered-webhooks`, {
      retentionPeriod: Duration.days(14),
    });
    const { most, apartSeconds } = WEBHOOK_ATTEMPTS;
    const queue = this.#createQueue('Queue', `renova-${env}-webhook`, {
      visibilityTimeout: Duration.seconds(apartSeconds),
      retentionPeriod: Duration.seconds(most * apartSeconds * 4),
      deadLetterQueue: { queue: this.undelivered, maxReceiveCount: most },
    });
    this.#route(env, 'events', queue, {
      source: [EVENT_SOURCE],
      detailType: EVENT_TYPES.filter((type) => EVENTS[type].mails.length > 0),
      detail: { environment: [env] },
    });
    this.#route(env, 'alarms', queue, {
      source: ['aws.cloudwatch'],
      detailType: [ALARM_TYPE],
      detail: { alarmName: [{ prefix: `renova-${env}-` }] },
    });
    this.function = createFunction(this, {
      ...WEBHOOK_FUNCTION,
      bundle: 'webhook',
      name: webhookFunction,
      variables: { RENOVA_WEBHOOK_URL: url, RENOVA_WEBHOOK_SECRET: secretName },
      settings,
      keys,
    });
    this.function.addToRolePolicy(
      new PolicyStatement({
        sid: 'SigningKey',
        effect: Effect.ALLOW,
        actions: ['secretsmanager:GetSecretValue'],
        resources: [this.key.secretArn],
      }),
    );
    if (keys.secrets) this.function.addToRolePolicy(useThroughSecretsManager(keys.secrets, READ_SECRETS));
    // Two at a time: alerts come in bursts, and a receiver is somebody else's.
    this.function.addEventSource(new SqsEventSource(queue, { batchSize: 1, maxConcurrency: 2 }));
  }

  #createQueue(id: string, queueName: string, more: object): Queue {
    return new Queue(this, id, {
      queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      ...more,
    });
  }

  #route(env: EnvironmentName, what: 'events' | 'alarms', queue: Queue, eventPattern: EventPattern): void {
    new Rule(this, what === 'events' ? 'Events' : 'Alarms', {
      ruleName: `renova-${env}-webhook-${what}`,
      description: `The ${what} of Renova ${env} that its webhook delivers`,
      eventPattern,
      targets: [new SqsQueue(queue, { deadLetterQueue: this.undelivered })],
    });
  }
}
