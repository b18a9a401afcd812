import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { names } from '../../shared/config/names.ts';
import type { AskAws } from '../account/ask-aws.ts';
import { signedAsk } from '../account/signed-ask.ts';
import type { Invoke, JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import type { Target } from '../target.ts';
import { throughProxy } from './aws-connection.ts';
import { assertProfileExists } from './aws-profile.ts';
import { credentialsFailure, functionFailure, type Invoked, invokeFailure } from './invoke-failure.ts';

/** The local stack takes any credentials; these say what they are. */
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** One attempt only: after an error nobody knows whether an action happened, and a person decides what next. */
const CLIENT: LambdaClientConfig = { maxAttempts: 1 };
const TIMEOUTS = { connectionTimeout: 5_000, requestTimeout: 120_000 };

export interface LambdaInvoke {
  readonly invoke: Invoke;
  /** Asks other services, in the same place and in the same name. */
  readonly askAws: AskAws;
  close(): void;
}

/**
 * An {@link Invoke} by AWS Lambda, at the local stack or as the SDK is configured; `close` ends its connections. `by`
 * says who asks, for the history of credentials; `endpoint` stands for all of AWS (`AWS_ENDPOINT_URL`).
 */
export function lambdaInvoke(target: Target, by?: string, endpoint?: string): LambdaInvoke {
  const client = new LambdaClient({
    ...CLIENT,
    requestHandler: { ...TIMEOUTS, ...(!target.localEndpoint && throughProxy()) },
    ...(target.localEndpoint && {
      endpoint: target.localEndpoint,
      region: 'us-east-1',
      credentials: LOCAL_CREDENTIALS,
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
    }),
  });
  const { adminFunction, readFunction } = names(target.env);
  const invoke: Invoke = (door, request) => {
    const functionName = door === 'admin' ? adminFunction : readFunction;
    const signed = door === 'admin' && by !== undefined ? { ...request, by } : request;
    return invokeOnce(client, { door, functionName, target }, signed);
  };
  const askAws = signedAsk({
    region: async () => client.config.region(),
    credentials: async () => client.config.credentials(),
    clock: systemClock,
    endpoint: target.localEndpoint ?? endpoint,
    httpsAgent: throughProxy().httpsAgent,
  });
  return { invoke, askAws, close: () => client.destroy() };
}

async function invokeOnce(client: LambdaClient, invoked: Invoked, request: JsonObject): Promise<JsonObject> {
  if (!invoked.target.localEndpoint) await assertConfigured(client);
  const command = new InvokeCommand({
    FunctionName: invoked.functionName,
    Payload: Buffer.from(JSON.stringify(request)),
  });
  const response = await client.send(command).catch((error: unknown) => {
    throw invokeFailure(error, invoked);
  });
  const answer = parse(response.Payload?.transformToString() ?? '');
  if (response.FunctionError !== undefined) throw functionFailure(answer ?? {}, invoked);
  if (!answer) {
    const message = `${invoked.functionName} answered something that is not a JSON object`;
    throw new CommandFailure('unreadable-answer', message, 'Is it a function of Renova, of this version?');
  }
  return answer;
}

/** The SDK tells these two apart by message only; asking for each before the request tells them apart by place. */
async function assertConfigured(client: LambdaClient): Promise<void> {
  await assertProfileExists();
  await client.config.region().catch(() => {
    throw new CommandFailure(
      'no-region',
      'No AWS region is configured',
      'Set AWS_REGION, or a region in your profile.',
    );
  });
  await client.config.credentials().catch((error: unknown) => {
    throw credentialsFailure(error);
  });
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
