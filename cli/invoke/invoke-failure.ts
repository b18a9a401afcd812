import { ENVIRONMENTS, type EnvironmentName } from '../../shared/config/names.ts';
import type { JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import { commandLine, type Target } from '../target.ts';

/** What was invoked, for the sentence that says what went wrong. */
export interface Invoked {
  readonly door: 'admin' | 'read';
  readonly functionName: string;
  readonly target: Target;
}

/**
 * What an error of the SDK means to an operator. Decided by the error's name and code; its message, which
 * may hold anything, is not repeated.
 */
export function invokeFailure(error: unknown, invoked: Invoked): CommandFailure {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
  const { functionName, target } = invoked;
  const where = target.localEndpoint ?? 'AWS Lambda';
  if (typeof code === 'string' && NOT_CONNECTED.has(code)) {
    return target.localEndpoint
      ? new CommandFailure('unreachable', `Cannot reach ${where}: is the local stack running? (npm start)`)
      : new CommandFailure(
          'unreachable',
          `Cannot reach ${where}: check the network, HTTPS_PROXY, AWS_REGION and AWS_ENDPOINT_URL`,
        );
  }
  switch (name) {
    case 'ResourceNotFoundException':
      return target.localEndpoint
        ? otherEnvironment(target.env, target.localEndpoint)
        : new CommandFailure(
            'no-function',
            `${functionName} does not exist: is the stack deployed in this account and region?`,
          );
    case 'AccessDeniedException':
      return new CommandFailure(
        'not-allowed',
        `You may not invoke ${functionName}: your role needs lambda:InvokeFunction on it`,
      );
    case 'TooManyRequestsException':
      return new CommandFailure('throttled', `${functionName} is busy: try again in a moment`);
    case 'ExpiredTokenException':
    case 'ExpiredToken':
    case 'UnrecognizedClientException':
    case 'InvalidSignatureException':
    case 'InvalidClientTokenId':
      return new CommandFailure(
        'credentials-refused',
        'AWS refused your credentials',
        'Sign in again (aws sso login), or set another AWS_PROFILE.',
      );
  }
  if (target.localEndpoint && isForeign(error)) return notALocalStack(target.localEndpoint);
  const look = `It may have happened: look with ${commandLine(target, 'status')} before you repeat it.`;
  const cause = [name, code].find(isWord);
  return new CommandFailure(
    'no-answer',
    `No answer came from ${functionName}${cause ? ` (${cause})` : ''}`,
    look,
  );
}

/** Why the SDK found no credentials. A profile that wants a code is told apart by the SDK's message: it has no other sign. */
export function credentialsFailure(
  error: unknown,
  { AWS_PROFILE: profile = 'default' }: NodeJS.ProcessEnv = process.env,
): CommandFailure {
  if (error instanceof Error && /multi-factor|\bMFA\b/.test(error.message)) {
    return new CommandFailure(
      'mfa-needed',
      'The AWS profile asks for an MFA code, which this command cannot ask for',
      `Let the AWS CLI ask, and hand over what it gets: eval "$(aws configure export-credentials --profile ${shown(profile)} --format env)"`,
    );
  }
  return new CommandFailure(
    'no-credentials',
    'No AWS credentials could be loaded',
    'Sign in (aws sso login), or set AWS_PROFILE; or did you mean --local?',
  );
}

function shown(profile: string): string {
  return /^[\w.-]{1,60}$/.test(profile) ? profile : '<profile>';
}

/** What answers has refused the request in words that are not Lambda's: nothing of it was done. */
function isForeign(error: unknown): boolean {
  const { code, $metadata } = (error ?? {}) as { code?: unknown; $metadata?: { httpStatusCode?: unknown } };
  const status = $metadata?.httpStatusCode;
  if (typeof status === 'number' && status >= 400 && status < 500) return true;
  return typeof code === 'string' && code.startsWith('HPE_');
}

/** Something else than the local stack's AWS endpoint answers there: its read API or provider, as a rule. */
function notALocalStack(endpoint: string): CommandFailure {
  return new CommandFailure(
    'not-a-local-stack',
    `What answers at ${endpoint} is not the AWS endpoint of a local stack`,
    'Give the port that npm start names for AWS: --local-port, or RENOVA_LOCAL_PORT.',
  );
}

/**
 * The function was reached and threw or ran out of time. `errorType` is Lambda's, and printed if it is a word; of its
 * message only Renova's own sentence on a variable is, which never holds a value.
 */
export function functionFailure(
  { errorType, errorMessage }: JsonObject,
  { door, functionName }: Invoked,
): CommandFailure {
  if (errorType === 'EnvironmentError' && isOfVariable(errorMessage)) {
    return new CommandFailure('function-misconfigured', `${functionName} is set up wrongly: ${errorMessage}`);
  }
  const kind = isWord(errorType) ? ` (${errorType})` : '';
  return new CommandFailure(
    'function-failed',
    `The ${door} function failed${kind}; look at the log of ${functionName}`,
  );
}

const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** A local stack has all functions, of the one environment that it was started with. */
function otherEnvironment(env: EnvironmentName, endpoint: string): CommandFailure {
  const others = ENVIRONMENTS.filter((name) => name !== env).map((name) => `--env ${name}`);
  return new CommandFailure(
    'other-environment',
    `The local stack at ${endpoint} was started with another environment than ${env}`,
    `Name that one: ${others.join(' or ')} (or set RENOVA_ENV).`,
  );
}

function isOfVariable(message: unknown): message is string {
  return typeof message === 'string' && /^[A-Z][A-Z_]+: [\x20-\x7e]{1,200}$/.test(message);
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z_.]{1,60}$/.test(value);
}
