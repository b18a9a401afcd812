import * as v from 'valibot';
import { awsEndpoint } from '../shared/aws-signature/aws-endpoint.ts';
import type { AwsCredentials } from '../shared/aws-signature/sign-v4.ts';
import { localOptions } from '../shared/config/local-target.ts';
import { isLoopback } from '../shared/config/loopback.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../shared/config/names.ts';

const SCALE = 'a number of at least 1';
const TAGS = 'tags as JSON ({"owner":"payments"})';
const ORIGIN = 'the origin of the sandbox (http://127.0.0.1:4702)';
const Name = v.pipe(v.string('a name'), v.nonEmpty('a name'));

const Variables = v.object(
  {
    RENOVA_ENV: v.picklist(ENVIRONMENTS, ENVIRONMENTS.join(' or ')),
    RENOVA_CREDENTIALS_TABLE: Name,
    RENOVA_QUOTA_TABLE: Name,
    RENOVA_SECRET_PREFIX: Name,
    RENOVA_EVENT_BUS: v.optional(Name, 'default'),
    RENOVA_REFRESH_FUNCTION: v.optional(Name),
    RENOVA_RUNBOOK: v.optional(Name),
    AWS_ENDPOINT_URL: v.optional(v.string()),
    RENOVA_SCALE: v.optional(
      v.pipe(v.string(SCALE), v.toNumber(SCALE), v.finite(SCALE), v.minValue(1, SCALE)),
      '1',
    ),
    RENOVA_SECRETS_KEY: v.optional(Name),
    RENOVA_TAGS: v.optional(
      v.pipe(
        v.string(TAGS),
        v.regex(/^\s*\{/, TAGS),
        v.parseJson(undefined, TAGS),
        v.record(v.string(), v.string(TAGS), TAGS),
      ),
    ),
    RENOVA_PROVIDERS: v.optional(v.picklist(['all', 'loopback'], 'all or loopback'), 'all'),
    RENOVA_SANDBOX_URL: v.optional(v.pipe(v.string(ORIGIN), v.regex(/^http:\/\/[\w.:[\]-]+$/, ORIGIN))),
  },
  'a value',
);

/** A variable of the function's environment is missing or cannot be used. */
export class EnvironmentError extends Error {
  readonly code = 'invalid-environment';
  override readonly name = 'EnvironmentError';
}

/** The function's environment. Throws {@link EnvironmentError}. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env) {
  const parsed = v.safeParse(Variables, variables);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new EnvironmentError(
      `${v.getDotPath(issue)}: expected ${issue.message}; set it in the function's environment.`,
    );
  }
  const given = parsed.output;
  const loopbackOnly = given.RENOVA_PROVIDERS === 'loopback';
  return {
    env: given.RENOVA_ENV,
    credentialsTable: given.RENOVA_CREDENTIALS_TABLE,
    quotaTable: given.RENOVA_QUOTA_TABLE,
    secretPrefix: given.RENOVA_SECRET_PREFIX,
    eventBus: given.RENOVA_EVENT_BUS,
    refreshFunction: given.RENOVA_REFRESH_FUNCTION,
    links: {
      runbook: given.RENOVA_RUNBOOK,
      options: commandOptions(given.RENOVA_ENV, given.AWS_ENDPOINT_URL),
    },
    scale: given.RENOVA_SCALE,
    newSecrets: { kmsKeyId: given.RENOVA_SECRETS_KEY, tags: given.RENOVA_TAGS },
    reach: {
      loopbackOnly,
      // An endpoint of its own, or a scale, is an emulator: there a provider may be a sandbox beside it.
      noLoopback: !loopbackOnly && !variables.AWS_ENDPOINT_URL && given.RENOVA_SCALE === 1,
      sandboxUrl: given.RENOVA_SANDBOX_URL,
    },
  };
}

/** The options that lead the operator's commands here: of a local stack `--env prd` would lead to AWS. */
function commandOptions(env: EnvironmentName, endpoint: string | undefined): string {
  const url = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  return url && isLoopback(url.hostname) ? localOptions(env, Number(url.port || 80)) : `--env ${env}`;
}

export type Environment = ReturnType<typeof readEnvironment>;

/** What the webhook function is given. Throws {@link EnvironmentError}. */
export function readWebhookEnvironment(variables: NodeJS.ProcessEnv = process.env) {
  const { RENOVA_WEBHOOK_URL: url, RENOVA_WEBHOOK_SECRET: secretName } = variables;
  if (!url || !secretName) {
    throw new EnvironmentError(
      "RENOVA_WEBHOOK_URL and RENOVA_WEBHOOK_SECRET: expected a URL and the name of a secret; set them in the function's environment.",
    );
  }
  return { url, secretName };
}

/** The role's credentials, which Lambda puts into the environment. Throws {@link EnvironmentError}. */
export function awsCredentials(variables: NodeJS.ProcessEnv = process.env): AwsCredentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables;
  if (!accessKeyId || !secretAccessKey) {
    throw new EnvironmentError('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: missing; Lambda sets them.');
  }
  return { accessKeyId, secretAccessKey, sessionToken: variables.AWS_SESSION_TOKEN };
}

/** Where Lambda is, as the SDK's own clients find it. Throws {@link EnvironmentError}. */
export function lambdaEndpoint(variables: NodeJS.ProcessEnv = process.env) {
  return serviceEndpoint('lambda', variables);
}

/** What a service is named in the SDK's variables. */
const VARIABLES = {
  lambda: 'LAMBDA',
  ssm: 'SSM',
  dynamodb: 'DYNAMODB',
  secretsmanager: 'SECRETS_MANAGER',
} as const;

/** The same for a service, by its name in hosts. */
export function serviceEndpoint(service: keyof typeof VARIABLES, variables: NodeJS.ProcessEnv = process.env) {
  const { AWS_REGION: region } = variables;
  if (!region) throw new EnvironmentError('AWS_REGION: missing; Lambda sets it.');
  const useFips = isTrue(variables, 'AWS_USE_FIPS_ENDPOINT');
  const useDualStack = isTrue(variables, 'AWS_USE_DUALSTACK_ENDPOINT');
  const given = variables[`AWS_ENDPOINT_URL_${VARIABLES[service]}`] || variables.AWS_ENDPOINT_URL;
  if (given && (useFips || useDualStack)) {
    throw new EnvironmentError(
      'AWS_ENDPOINT_URL: expected none beside AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT; unset one of them.',
    );
  }
  const endpoint = given || awsEndpoint(service, { region, useFips, useDualStack });
  return { region, endpoint: endpoint.replace(/\/$/, '') };
}

function isTrue(variables: NodeJS.ProcessEnv, name: string): boolean {
  const value = variables[name] ?? 'false';
  if (value === 'true' || value === 'false') return value === 'true';
  throw new EnvironmentError(`${name}: expected true or false; set it in the function's environment.`);
}

/** Marks a process that refreshes for the function of its container. */
const REFRESH_PROCESS = 'RENOVA_REFRESH_PROCESS';

/** The environment of such a process: that of its container. */
export function refreshProcessVariables(variables: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...variables, [REFRESH_PROCESS]: '1' };
}

/** True in such a process. */
export function isRefreshProcess(variables: NodeJS.ProcessEnv = process.env): boolean {
  return variables[REFRESH_PROCESS] === '1';
}
