import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { AlarmAddress } from '../shared/config/environments.ts';
import { type EnvironmentName, EVENT_SOURCE } from '../shared/config/names.ts';
import { ALERT_ROUTES, type AlertRoute } from './alert-texts.ts';
import { byArn, createAlertTopic } from './alert-topic.ts';
import { Chat } from './chat.ts';
import { decidedByAccount } from './key-policy.ts';
import type { OwnKeys } from './own-keys.ts';
import type { RenovaSettings } from './settings.ts';

export interface AlertsProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
  readonly keys: OwnKeys;
}

/**
 * Where everything goes that a person must hear of: an encrypted topic, the events of this environment that are
 * bad or tell that something is well again, in words, and whoever is subscribed; a topic and a chat channel of the
 * settings too. Alarms are added by alarms.ts.
 */
export class Alerts extends Construct {
  readonly topic: Topic;
  /** Told of every alarm: that, one of the settings, and that of the chat channel. */
  readonly topics: readonly ITopic[];
  /** The one of the settings. */
  readonly furtherTopic: ITopic | undefined;
  /** Alerts that a topic did not take. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { env, settings, keys }: AlertsProps) {
    super(scope, id);
    const key = keys.alerts ?? this.#createKey(env);
    const name = `renova-${env}-alerts`;
    this.topic = createAlertTopic(this, 'Topic', { env, name, title: `Renova ${env}`, key });
    if (settings.alarmAddress) this.#subscribe(settings.alarmAddress);
    this.undelivered = new Queue(this, 'Undelivered', {
      queueName: `renova-${env}-undelivered-alerts`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    const { alarmTopic, chat: channel } = settings;
    this.furtherTopic = alarmTopic ? Topic.fromTopicArn(this, 'Further', alarmTopic) : undefined;
    const mailed = [byArn(this, 'Told', this.topic), this.furtherTopic].filter((each) => each !== undefined);
    const chat = channel && new Chat(this, 'Chat', { env, channel, key });
    this.topics = chat ? [...mailed, chat.topic] : mailed;
    for (const route of ALERT_ROUTES) this.#route(env, route, mailed, chat?.topic);
  }

  /**
   * The key of AWS for SNS cannot be used by alarms and rules, so the topic has one of its own.
   * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
   */
  #createKey(env: EnvironmentName): Key {
    const key = new Key(this, 'Key', {
      alias: `renova-${env}-alerts`,
      description: `Encrypts the alerts of Renova ${env}`,
      policy: decidedByAccount(),
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const ownAccount = { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } };
    for (const [sid, service, conditions] of [
      ['Alarms', 'cloudwatch', ownAccount],
      // With a condition on the source EventBridge would publish nothing: SNS supports none in the policy of a key.
      ['Rules', 'events', undefined],
    ] as const) {
      key.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: ['*'],
          conditions,
        }),
      );
    }
    return key;
  }

  #subscribe(address: AlarmAddress): void {
    new Subscription(this, 'Person', {
      topic: this.topic,
      protocol: SubscriptionProtocol.EMAIL,
      endpoint:
        'email' in address ? address.email : StringParameter.valueForStringParameter(this, address.parameter),
    });
  }

  #route(
    env: EnvironmentName,
    { id, name, types, matching, text, notification }: AlertRoute,
    mailed: readonly ITopic[],
    chat: ITopic | undefined,
  ): void {
    const { undelivered: deadLetterQueue } = this;
    new Rule(this, id, {
      ruleName: `renova-${env}-alerts-${name}`,
      description: `${types.join(', ')}: told to people`,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [...types],
        detail: { environment: [env], ...matching },
      },
      targets: [
        ...mailed.map((topic) => new SnsTopic(topic, { message: text, deadLetterQueue })),
        ...(chat ? [new SnsTopic(chat, { message: notification, deadLetterQueue })] : []),
      ],
    });
  }
}
