import { FUNCTIONS } from '../../shared/config/functions.ts';
import { type EnvironmentName, names, READERS_ALIAS } from '../../shared/config/names.ts';
import type { FunctionDefinition } from './lambda-runtime.ts';

/** The region of everything that the stack signs by itself. */
export const LOCAL_REGION = 'us-east-1';
/** Nothing checks them; the SDK wants some. */
export const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

export interface FunctionSetting {
  readonly env: EnvironmentName;
  readonly scale: number;
  /** Address of the AWS endpoint. */
  readonly awsUrl: string;
  /** Origin of the sandbox, which stands in for the servers of providers. Absent: none does. */
  readonly sandboxUrl?: string;
  /** Providers beyond this machine may be posted to; without it, none. */
  readonly allowRemoteProvider?: boolean;
  /** Powertools' level: what functions print. */
  readonly logLevel: string;
  /** Variables of this process. Those of AWS and Renova are not passed on: they are about another account. */
  readonly inherited: NodeJS.ProcessEnv;
}

/** The three functions as the stack of an environment deploys them, on the local endpoint. */
export function functionDefinitions(setting: FunctionSetting): FunctionDefinition[] {
  const { refreshFunction, readFunction, adminFunction } = names(setting.env);
  const asking = (refresh: string) => ({ RENOVA_REFRESH_FUNCTION: refresh });
  const deployed = [
    { role: 'refresh', name: refreshFunction, extra: {}, aliases: [READERS_ALIAS] },
    { role: 'read', name: readFunction, extra: asking(`${refreshFunction}:${READERS_ALIAS}`), aliases: [] },
    { role: 'admin', name: adminFunction, extra: asking(refreshFunction), aliases: [] },
  ] as const;
  return deployed.map(({ role, name, extra, aliases }) => ({
    name,
    aliases,
    ...FUNCTIONS[role],
    module: new URL(`../../functions/${role}.ts`, import.meta.url),
    environment: { ...functionEnvironment(setting), ...extra, AWS_LAMBDA_FUNCTION_NAME: name },
  }));
}

function functionEnvironment(setting: FunctionSetting): Record<string, string> {
  const { credentialsTable, quotaTable, secretPrefix } = names(setting.env);
  return {
    ...neutral(setting.inherited),
    RENOVA_ENV: setting.env,
    RENOVA_CREDENTIALS_TABLE: credentialsTable,
    RENOVA_QUOTA_TABLE: quotaTable,
    RENOVA_SECRET_PREFIX: secretPrefix,
    RENOVA_EVENT_BUS: 'default',
    RENOVA_SCALE: String(setting.scale),
    RENOVA_PROVIDERS: setting.allowRemoteProvider ? 'all' : 'loopback',
    ...(setting.sandboxUrl !== undefined && { RENOVA_SANDBOX_URL: setting.sandboxUrl }),
    AWS_ENDPOINT_URL: setting.awsUrl,
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
    POWERTOOLS_LOG_LEVEL: setting.logLevel,
  };
}

function neutral(variables: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(variables).filter(([name]) => !/^(AWS|RENOVA|POWERTOOLS)_/.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}
