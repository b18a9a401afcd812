import { Tags } from 'aws-cdk-lib';
import { type Grant, type IGrantable, ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENVIRONMENT_SETTINGS } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';
import { Alarms } from './alarms.ts';
import { Alerts } from './alerts.ts';
import { Dashboard } from './dashboard.ts';
import { Functions } from './functions.ts';
import { grantReadOf } from './grant-read.ts';
import { HttpReadApi } from './http-api.ts';
import { createNetwork, type Placement } from './network.ts';
import { OwnKeys } from './own-keys.ts';
import { grantPermissions } from './permissions.ts';
import { TickSchedule } from './schedule.ts';
import { SealKeys } from './seal-keys.ts';
import { checkSettings, type RenovaSettings } from './settings.ts';
import { Tables } from './tables.ts';
import { Webhook } from './webhook.ts';

export interface RenovaProps {
  /** Part of every name, so there is one of each in an account and region. */
  readonly env: EnvironmentName;
  /** Instead of single settings of shared/config/environments.ts. */
  readonly settings?: Partial<RenovaSettings>;
}

/**
 * Renova in any stack: everything of one environment, in the account and region of that stack. Throws
 * `SettingsError` for settings that cannot be used.
 *
 * Its id becomes part of the ids of tables and keys that hold data: never change it.
 */
export class Renova extends Construct {
  readonly env: EnvironmentName;
  readonly tables: Tables;
  readonly sealKeys: SealKeys;
  readonly functions: Functions;
  readonly schedule: TickSchedule;
  readonly readApi: HttpReadApi;
  readonly alerts: Alerts;
  readonly alarms: Alarms;
  /** Where the setting `webhook` asks for one. */
  readonly webhook: Webhook | undefined;
  /** Where the refresh function runs, unless it is in no VPC. */
  readonly network: Placement | undefined;
  readonly #secretsKey: IKey | undefined;

  constructor(scope: Construct, id: string, { env, settings: changes }: RenovaProps) {
    const settings: RenovaSettings = { ...ENVIRONMENT_SETTINGS[env], ...changes };
    checkSettings(env, settings);
    super(scope, id);
    this.env = env;
    for (const [name, value] of Object.entries(settings.tags ?? {})) {
      Tags.of(this).add(name, value, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
    }
    if (settings.permissionsBoundary) {
      const boundary = ManagedPolicy.fromManagedPolicyArn(this, 'Boundary', settings.permissionsBoundary);
      PermissionsBoundary.of(this).apply(boundary);
    }
    const keys = new OwnKeys(this, 'OwnKeys', { env, settings });
    this.#secretsKey = keys.secrets;
    const tables = new Tables(this, 'Tables', { env, settings });
    this.tables = tables;
    this.sealKeys = new SealKeys(this, 'SealKeys', { env, keys });
    this.network = createNetwork(this, { env, settings, keys });
    const { network } = this;
    const functions = new Functions(this, 'Functions', { env, settings, tables, network, keys });
    grantPermissions({ env, tables, sealKeys: this.sealKeys, functions, keys });
    this.schedule = new TickSchedule(this, 'TickSchedule', {
      env,
      refresh: functions.refresh,
      schedules: settings.schedules ?? 1,
    });
    this.functions = functions;
    this.readApi = new HttpReadApi(this, 'HttpReadApi', { env, settings, read: functions.read, keys });
    this.alerts = new Alerts(this, 'Alerts', { env, settings, keys });
    this.webhook =
      settings.webhook && new Webhook(this, 'Webhook', { env, ...settings.webhook, settings, keys });
    const queues = {
      ticks: this.schedule.undelivered,
      alerts: this.alerts.undelivered,
      webhooks: this.webhook?.undelivered,
    };
    const { topics, furtherTopic } = this.alerts;
    const { readApi } = this;
    this.alarms = new Alarms(this, 'Alarms', {
      env,
      settings,
      functions,
      readApi,
      queues,
      topics,
      furtherTopic,
    });
    new Dashboard(this, 'Dashboard', { env, settings, functions, readApi, alarms: this.alarms });
  }

  /**
   * Lets `grantee` read the access token of one credential, from Secrets Manager, its parameter and over HTTP,
   * and report it refused. No other credential, and nothing but reading. Throws `SettingsError` for what is no credential's id, and
   * for a grantee whose policies cannot be changed from here.
   */
  grantRead(credential: string, grantee: IGrantable): Grant {
    return grantReadOf(this.readApi, this.env, credential, grantee, this.#secretsKey);
  }
}
