import { ArnFormat, Stack } from 'aws-cdk-lib';
import { CfnMicrosoftTeamsChannelConfiguration, CfnSlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ChatSettings } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import { byArn, createAlertTopic } from './alert-topic.ts';

export interface ChatProps {
  readonly env: EnvironmentName;
  readonly channel: ChatSettings;
  readonly key: IKey;
}

/**
 * A channel of Slack or Teams that is told of alerts and alarms, by Amazon Q Developer in chat applications (AWS
 * Chatbot in CloudFormation). It has a topic of its own: of what rules send it shows custom notifications alone, which
 * are no text for people who get mails. Nobody can run a command from the channel.
 */
export class Chat extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { env, channel, key }: ChatProps) {
    super(scope, id);
    const name = `renova-${env}-chat`;
    this.topic = byArn(
      this,
      'Told',
      createAlertTopic(this, 'Topic', { env, name, title: `Renova ${env}`, key }),
    );
    const role = new Role(this, 'Role', {
      description: `What the chat channel of Renova ${env} may do: nothing`,
      assumedBy: new ServicePrincipal('chatbot.amazonaws.com'),
    });
    const common = {
      configurationName: name,
      iamRoleArn: role.roleArn,
      snsTopicArns: [this.topic.topicArn],
      guardrailPolicies: [this.#managedByAws('AWSDenyAll')],
      loggingLevel: 'ERROR',
      userRoleRequired: false,
    };
    if ('slack' in channel) {
      const { workspace, channel: slackChannelId } = channel.slack;
      new CfnSlackChannelConfiguration(this, 'Slack', {
        ...common,
        slackWorkspaceId: workspace,
        slackChannelId,
      });
    } else {
      const { tenant, team, channel: teamsChannelId } = channel.teams;
      new CfnMicrosoftTeamsChannelConfiguration(this, 'Teams', {
        ...common,
        teamsTenantId: tenant,
        teamId: team,
        teamsChannelId,
      });
    }
  }

  #managedByAws(policy: string): string {
    return Stack.of(this).formatArn({
      service: 'iam',
      region: '',
      account: 'aws',
      resource: 'policy',
      resourceName: policy,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
  }
}
