import { Duration } from 'aws-cdk-lib';
import { Alias, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FUNCTIONS, type FunctionRole } from '../shared/config/functions.ts';
import { type EnvironmentName, names, READERS_ALIAS } from '../shared/config/names.ts';
import { createFunction } from './create-function.ts';
import { type Placement, place } from './network.ts';
import type { OwnKeys } from './own-keys.ts';
import type { RenovaSettings } from './settings.ts';
import type { Tables } from './tables.ts';

export interface FunctionsProps {
  readonly env: EnvironmentName;
  readonly settings: RenovaSettings;
  readonly tables: Tables;
  /** Where the refresh function runs; the others are in no VPC. */
  readonly network: Placement | undefined;
  readonly keys: OwnKeys;
}

/** The three functions, each with a role and a log group of its own; permissions.ts says what a role may do. */
export class Functions extends Construct {
  readonly refresh: LambdaFunction;
  /** The refresh function as the read function invokes it. */
  readonly refreshForReaders: Alias;
  readonly read: LambdaFunction;
  readonly admin: LambdaFunction;

  constructor(scope: Construct, id: string, { env, settings, tables, network, keys }: FunctionsProps) {
    super(scope, id);
    const { refreshFunction, readFunction, adminFunction, secretPrefix } = names(env);
    const variables = {
      RENOVA_ENV: env,
      RENOVA_CREDENTIALS_TABLE: tables.credentials.tableName,
      RENOVA_QUOTA_TABLE: tables.quota.tableName,
      RENOVA_SECRET_PREFIX: secretPrefix,
      RENOVA_EVENT_BUS: 'default',
      RENOVA_SCALE: '1',
      ...(keys.secrets && { RENOVA_SECRETS_KEY: keys.secrets.keyArn }),
      ...(settings.tags && { RENOVA_TAGS: JSON.stringify(settings.tags) }),
      ...(settings.runbook && { RENOVA_RUNBOOK: settings.runbook }),
    };
    const create = (bundle: FunctionRole, name: string, more: object = {}) =>
      createFunction(this, {
        ...FUNCTIONS[bundle],
        ...(bundle === 'refresh' && settings.refreshMemoryMb && { memoryMb: settings.refreshMemoryMb }),
        bundle,
        name,
        variables: { ...variables, ...more },
        reserved: settings.reservedConcurrency === 'none' ? undefined : settings.reservedConcurrency[bundle],
        settings,
        keys,
      });
    this.refresh = create('refresh', refreshFunction);
    if (network) place(this.refresh, env, network);
    // Of the latest version, so that it moves with the function.
    this.refreshForReaders = new Alias(this, 'RefreshForReaders', {
      aliasName: READERS_ALIAS,
      version: this.refresh.latestVersion,
      description: 'Takes refreshes without force, and nothing else',
    });
    const asking = (refresh: string) => ({ RENOVA_REFRESH_FUNCTION: refresh });
    const { functionName } = this.refresh;
    this.read = create('read', readFunction, asking(`${functionName}:${READERS_ALIAS}`));
    this.admin = create('admin', adminFunction, asking(functionName));
    // A tick that was late or failed is made up for by the next one, never by itself. What an operator sent without
    // waiting is not done twice, or hours later. An alias has a setting of its own.
    for (const invoked of [this.refresh, this.refreshForReaders, this.read, this.admin]) {
      invoked.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    }
  }

  get byRole(): Readonly<Record<FunctionRole, LambdaFunction>> {
    return { refresh: this.refresh, read: this.read, admin: this.admin };
  }
}
