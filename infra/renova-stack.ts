import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { ENVIRONMENT_SETTINGS } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import { VERSION } from '../shared/config/version.ts';
import { acknowledgeFindings } from './accepted-findings.ts';
import { Renova } from './renova.ts';
import type { RenovaSettings } from './settings.ts';

export interface RenovaStackProps {
  readonly env: EnvironmentName;
  /** Those of shared/config/environments.ts unless given. */
  readonly settings?: RenovaSettings;
}

/** Everything of one environment, in the account and region it is deployed to. */
export class RenovaStack extends Stack {
  readonly renova: Renova;

  constructor(app: App, id: string, { env, settings = ENVIRONMENT_SETTINGS[env] }: RenovaStackProps) {
    super(app, id, {
      description: `Renova ${env}: keeps OAuth 2 tokens alive`,
      terminationProtection: settings.isProtected,
    });
    for (const [key, value] of Object.entries({ app: 'renova', environment: env })) {
      // CloudFormation's published schema of dashboards has no tags, though the CDK's has.
      Tags.of(this).add(key, value, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
    }

    // "Default" is left out of logical ids: those of tables and keys are what they were without it.
    this.renova = new Renova(this, 'Default', { env, settings });
    acknowledgeFindings(this.renova);
    const { readApi, functions, alerts, alarms, network } = this.renova;

    new CfnOutput(this, 'Version', { value: VERSION, description: 'Of Renova, as it is deployed' });
    new CfnOutput(this, 'ReadApiUrl', {
      value: readApi.url,
      description: 'GET /tokens/{credential}, signed',
    });
    for (const [role, { functionName }] of Object.entries(functions.byRole)) {
      new CfnOutput(this, `${role[0]?.toUpperCase()}${role.slice(1)}FunctionName`, { value: functionName });
    }
    new CfnOutput(this, 'AlertTopicArn', {
      value: alerts.topic.topicArn,
      description: 'Subscribe whoever is on call',
    });
    if (network?.addresses.length) {
      new CfnOutput(this, 'EgressAddresses', {
        value: network.addresses.join(' '),
        description: 'What providers see: enter these where one allows addresses',
      });
    }
    if (network?.allocationIds.length) {
      new CfnOutput(this, 'EgressAllocationIds', {
        value: network.allocationIds.join(' '),
        description: 'The same addresses as EC2 knows them; they stay when the stack goes',
      });
    }
    new CfnOutput(this, 'UnwellAlarmArn', {
      value: alarms.unwell.alarmArn,
      description: 'In alarm while any other alarm is',
    });
  }
}
