import { type App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { ENVIRONMENT_SETTINGS } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import { Functions } from './functions.ts';
import { HttpReadApi } from './http-api.ts';
import { grantPermissions } from './permissions.ts';
import { TickSchedule } from './schedule.ts';
import { SealKeys } from './seal-keys.ts';
import { Tables } from './tables.ts';

export interface RenovaStackProps {
  readonly env: EnvironmentName;
}

/** Everything of one environment, in the account and region it is deployed to. */
export class RenovaStack extends Stack {
  constructor(app: App, id: string, { env }: RenovaStackProps) {
    const settings = ENVIRONMENT_SETTINGS[env];
    super(app, id, {
      description: `Renova ${env}: keeps OAuth 2 tokens alive`,
      terminationProtection: settings.isProtected,
    });
    Tags.of(this).add('app', 'renova');
    Tags.of(this).add('environment', env);

    const tables = new Tables(this, 'Tables', { env, settings });
    const sealKeys = new SealKeys(this, 'SealKeys', { env });
    const functions = new Functions(this, 'Functions', { env, settings, tables });
    grantPermissions({ env, tables, sealKeys, functions });
    new TickSchedule(this, 'TickSchedule', { env, refresh: functions.refresh });
    const api = new HttpReadApi(this, 'HttpReadApi', { env, settings, read: functions.read });

    new CfnOutput(this, 'ReadApiUrl', { value: api.url, description: 'GET /tokens/{credential}, signed' });
    for (const [role, { functionName }] of Object.entries(functions.byRole)) {
      new CfnOutput(this, `${role[0]?.toUpperCase()}${role.slice(1)}FunctionName`, { value: functionName });
    }
  }
}
