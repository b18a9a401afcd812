import type { IncomingHttpHeaders } from 'node:http';
import type { AwsAnswer } from './aws-request.ts';
import type { LambdaRuntime } from './lambda-runtime.ts';

/** `POST /2015-03-31/functions/{name}/invocations`; the name may be an ARN or be percent-encoded. */
export const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/**
 * Lambda's Invoke: `RequestResponse` answers with the function's result, `Event` before the function has
 * run, `DryRun` without running it. An unknown function is a `ResourceNotFoundException` (404).
 *
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function answerInvoke(
  lambda: LambdaRuntime,
  encodedName: string,
  headers: IncomingHttpHeaders,
  payload: string,
): Promise<AwsAnswer> {
  const name = functionName(encodedName);
  if (!name || !lambda.has(name)) {
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
    void lambda.invoke(name, event);
    return { status: 202, body: '' };
  }
  if (type !== 'RequestResponse') {
    return lambdaError(
      400,
      'InvalidParameterValueException',
      'X-Amz-Invocation-Type: expected RequestResponse, Event or DryRun.',
    );
  }
  const result = await lambda.invoke(name, event);
  return {
    status: 200,
    body: result.payload,
    headers: {
      'x-amz-executed-version': '$LATEST',
      ...(result.failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
    },
  };
}

/** The bare name of `name`, `arn:…:function:name` or `name:qualifier`; undefined if it cannot be decoded. */
function functionName(encoded: string): string | undefined {
  try {
    const decoded = decodeURIComponent(encoded);
    const name = decoded.includes(':function:') ? decoded.split(':function:', 2)[1] : decoded;
    return name?.split(':', 1)[0];
  } catch {
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function lambdaError(status: number, type: string, message: string): AwsAnswer {
  return { status, body: { Type: 'User', Message: message }, headers: { 'x-amzn-errortype': type } };
}
