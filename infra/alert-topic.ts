import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { EnvironmentName } from '../shared/config/names.ts';

export interface AlertTopicProps {
  readonly env: EnvironmentName;
  readonly name: string;
  readonly title: string;
  readonly key: IKey;
}

/** A topic, encrypted, that the alarms of one environment and the rules of the account may publish to. */
export function createAlertTopic(
  scope: Construct,
  id: string,
  { env, name, title, key }: AlertTopicProps,
): Topic {
  const topic = new Topic(scope, id, {
    topicName: name,
    displayName: title,
    masterKey: key,
    enforceSSL: true,
  });
  const stack = Stack.of(topic);
  const alarms = stack.formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `renova-${env}-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  topic.addToResourcePolicy(
    mayPublish('Alarms', 'cloudwatch', topic, {
      ArnLike: { 'aws:SourceArn': alarms },
      StringEquals: { 'aws:SourceAccount': stack.account },
    }),
  );
  // By a service's name alone: EventBridge takes no condition in the policy of a topic, and would publish nothing.
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
  topic.addToResourcePolicy(mayPublish('Rules', 'events', topic));
  return topic;
}

/** The topic by its ARN: a target gives itself rights to a topic's key by wildcard, and its policy is all it needs. */
export function byArn(scope: Construct, id: string, topic: ITopic): ITopic {
  return Topic.fromTopicArn(scope, id, topic.topicArn);
}

function mayPublish(sid: string, service: string, topic: Topic, conditions?: Record<string, object>) {
  return new PolicyStatement({
    sid,
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions,
  });
}
