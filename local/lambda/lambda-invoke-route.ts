import type { IncomingHttpHeaders } from 'node:http';
import type { AwsAnswer } from '../aws/aws-request.ts';
import type { LambdaRuntime } from './lambda-runtime.ts';

/** `POST /2015-03-31/functions/{name}/invocations`; the name may be an ARN, qualified, and percent-encoded. */
export const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * Lambda's Invoke: `RequestResponse` answers with the function's result, `Event` before the function has
 * run, `DryRun` without running it. An unknown function, or qualifier of one, is a `ResourceNotFoundException` (404).
 *
 * @param given what the path names, and its parameter `Qualifier`: a version or alias, which may be in the name too.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function answerInvoke(
  lambda: LambdaRuntime,
  given: { readonly encodedName: string; readonly qualifier?: string },
  headers: IncomingHttpHeaders,
  payload: string,
): Promise<AwsAnswer> {
  const [name, qualifierInName] = functionName(given.encodedName);
  const qualifier = qualifierInName ?? given.qualifier;
  if (given.qualifier !== undefined && given.qualifier !== qualifier) {
    return invalidParameter('Qualifier: expected the one that is in the name, or none.');
  }
  if (!name || !lambda.has(name, qualifier)) {
    return lambdaError(404, 'ResourceNotFoundException', 'There is no such function in the local stack.');
  }
  if (payload !== '' && !isJson(payload)) {
    return lambdaError(400, 'InvalidRequestContentException', 'Could not parse request body into json.');
  }
  const event = payload === '' ? '{}' : payload;
  const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
  if (type === 'DryRun') return { status: 204, body: '' };
  if (type === 'Event') {
    // Its failure is the runtime's to report: nobody waits for this run, and it is not tried again.
    void lambda.invoke(name, event, qualifier);
    return { status: 202, body: '' };
  }
  if (type !== 'RequestResponse') {
    return invalidParameter('X-Amz-Invocation-Type: expected RequestResponse, Event or DryRun.');
  }
  const withLog = headers['x-amz-log-type'] === 'Tail';
  const result = await lambda.invoke(name, event, qualifier, { withLog });
  return {
    status: 200,
    body: result.payload,
    headers: {
      'x-amz-executed-version': '$LATEST',
      ...(result.log === undefined ? {} : { 'x-amz-log-result': tail(result.log) }),
      ...(result.failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
    },
  };
}

/** Name and qualifier of `name`, `name:qualifier` and ARNs that end so; neither if it cannot be decoded. */
export function functionName(encoded: string): [name?: string, qualifier?: string] {
  try {
    const [name, qualifier] = decodeURIComponent(encoded)
      .replace(/^.*(?:^|:)function:/, '')
      .split(':', 2);
    return [name, qualifier];
  } catch {
    return [];
  }
}

/** The last 4 KB, as AWS sends them. */
function tail(log: string): string {
  return Buffer.from(log).subarray(-4096).toString('base64');
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function invalidParameter(message: string): AwsAnswer {
  return lambdaError(400, 'InvalidParameterValueException', message);
}

export function lambdaError(status: number, type: string, message: string): AwsAnswer {
  return { status, body: { Type: 'User', Message: message }, headers: { 'x-amzn-errortype': type } };
}
