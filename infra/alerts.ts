import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
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
 * bad or tell that something is well again, in words, and whoever is subscribed. Alarms are added by alarms.ts.
 */
export class Alerts extends Construct {
  readonly topic: Topic;
  /** That, and one of the settings. */
  readonly topics: readonly ITopic[];
  /** Alerts that the topic did not take. */
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string, { env, settings, keys }: AlertsProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName: `renova-${env}-alerts`,
      displayName: `Renova ${env}`,
      masterKey: keys.alerts ?? this.#createKey(env),
      enforceSSL: true,
    });
    this.#letAlarmsPublish(env);
    this.#letRulesPublish();
    if (settings.alarmAddress) this.#subscribe(settings.alarmAddress);
    this.undelivered = new Queue(this, 'Undelivered', {
      queueName: `renova-${env}-undelivered-alerts`,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    // By its ARN: a target gives itself rights to the topic's key by wildcard, and those above are all it needs.
    const told = [Topic.fromTopicArn(this, 'Told', this.topic.topicArn)];
    if (settings.alarmTopic) told.push(Topic.fromTopicArn(this, 'Further', settings.alarmTopic));
    this.topics = told;
    for (const route of ALERT_ROUTES) this.#route(told, env, route);
  }

  /** The key of AWS for SNS cannot be used by alarms and rules, so the topic has one of its own. */
  #createKey(env: EnvironmentName): Key {
    const key = new Key(this, 'Key', {
      alias: `renova-${env}-alerts`,
      description: `Encrypts the alerts of Renova ${env}`,
      policy: decidedByAccount(),
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    for (const [sid, service] of [
      ['Alarms', 'cloudwatch'],
      ['Rules', 'events'],
    ] as const) {
      key.addToResourcePolicy(
        new PolicyStatement({
          sid,
          effect: Effect.ALLOW,
          principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
          actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
          resources: ['*'],
        }),
      );
    }
    return key;
  }

  #letAlarmsPublish(env: EnvironmentName): void {
    const stack = Stack.of(this);
    const alarms = stack.formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: `renova-${env}-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: {
          ArnLike: { 'aws:SourceArn': alarms },
          StringEquals: { 'aws:SourceAccount': stack.account },
        },
      }),
    );
  }

  /** By a service's name alone: EventBridge takes no condition in the policy of a topic. */
  #letRulesPublish(): void {
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Rules',
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
      }),
    );
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
    topics: readonly ITopic[],
    env: EnvironmentName,
    { id, name, types, matching, text }: AlertRoute,
  ): void {
    new Rule(this, id, {
      ruleName: `renova-${env}-alerts-${name}`,
      description: `${types.join(', ')}: told to people`,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: [...types],
        detail: { environment: [env], ...matching },
      },
      targets: topics.map(
        (topic) => new SnsTopic(topic, { message: text, deadLetterQueue: this.undelivered }),
      ),
    });
  }
}
