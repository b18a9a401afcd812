import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { hostRefusal } from '../http/host-rule.ts';
import { BodyTooLongError, readBody } from '../http/request-body.ts';
import { describeFunctions, FUNCTIONS_PATH } from '../lambda/function-description.ts';
import { answerInvoke, INVOKE_PATH } from '../lambda/lambda-invoke-route.ts';
import type { LambdaRuntime } from '../lambda/lambda-runtime.ts';
import { type AwsAnswer, awsError, sendAws, signedRegion } from './aws-request.ts';
import type { DynamoDb } from './dynamodb/embedded-dynamodb.ts';
import type { EventBus } from './event-bus.ts';
import type { ParameterStore } from './parameter-store/parameter-store.ts';
import type { SecretsManager } from './secrets-manager/secrets-manager.ts';
import { answerSts, isQueryRequest } from './sts.ts';

/** What stands behind the endpoint. */
export interface AwsServices {
  readonly secretsManager: SecretsManager;
  readonly parameterStore: ParameterStore;
  readonly dynamoDb: DynamoDb;
  readonly eventBus: EventBus;
  readonly lambda: LambdaRuntime;
  /** Names that a client may call this machine by, beside its own. */
  readonly allowHosts?: readonly string[];
  /** Told the code of a defect that a request ran into; the client gets an internal failure. */
  onDefect(code: string): void;
}

/** The largest body of a service that is served here (DynamoDB). */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * One endpoint for all services, as `AWS_ENDPOINT_URL` wants it: a request is told by its `X-Amz-Target`,
 * those of Lambda by their path, and STS by its form. Any region and any credentials are accepted, but there must be some.
 */
export function awsEndpoint(services: AwsServices): RequestListener {
  return async (request, response) => {
    try {
      const answer = await route(services, request, response);
      if (answer) sendAws(request, response, answer);
    } catch (error) {
      // The client left while its request was read: nobody is there to be told.
      if (request.errored) return;
      sendAws(request, response, failure(error, services));
    }
  };
}

async function route(
  services: AwsServices,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<AwsAnswer | undefined> {
  const refusal = hostRefusal(request, services.allowHosts);
  if (refusal) return awsError(refusal.status, 'AccessDeniedException', refusal.message);
  const region = signedRegion(request.headers.authorization);
  if (!region) {
    return awsError(
      403,
      'MissingAuthenticationTokenException',
      'Authorization: expected Signature Version 4; any access key will do.',
    );
  }
  const [path = '', query] = (request.url ?? '').split('?', 2);
  const qualifier = new URLSearchParams(query).get('Qualifier') ?? undefined;
  if (request.method === 'GET' && FUNCTIONS_PATH.test(path)) {
    return describeFunctions(services.lambda, path, qualifier);
  }
  const [, encodedName] = INVOKE_PATH.exec(path) ?? [];
  if (encodedName) {
    if (request.method !== 'POST') return notAllowed();
    const payload = await readBody(request, BODY_LIMIT_BYTES);
    const invoked = { encodedName, qualifier };
    return answerInvoke(services.lambda, invoked, request.headers, payload.toString('utf8'));
  }
  if (request.method !== 'POST') return notAllowed();
  const [prefix, operation] = splitTarget(request.headers['x-amz-target']);
  if (prefix === 'DynamoDB_20120810') {
    await services.dynamoDb.handle(request, response, await readBody(request, BODY_LIMIT_BYTES));
    return undefined;
  }
  const body = await readBody(request, BODY_LIMIT_BYTES);
  if (prefix === '' && isQueryRequest(request.headers['content-type'])) {
    const { status, xml } = answerSts(body.toString('utf8'));
    return { status, body: xml, headers: { 'content-type': 'text/xml' } };
  }
  if (prefix === 'secretsmanager') {
    return withJson(body, (input) => services.secretsManager.handle(operation, input, region));
  }
  if (prefix === 'AmazonSSM') {
    return withJson(body, (input) => services.parameterStore.handle(operation, input, region));
  }
  if (prefix === 'AWSEvents' && operation === 'PutEvents') {
    return withJson(body, (input) => services.eventBus.put(input, region));
  }
  return awsError(
    400,
    'UnknownOperationException',
    'X-Amz-Target: expected an operation of DynamoDB, Secrets Manager or Parameter Store, or AWSEvents.PutEvents.',
  );
}

function splitTarget(target: string | string[] | undefined): [prefix: string, operation: string] {
  const [prefix = '', operation = ''] = String(target ?? '').split('.', 2);
  return [prefix, operation];
}

/** Answers with what `handle` makes of the parsed body; an error's type goes into the header too. */
function withJson(body: Buffer, handle: (input: unknown) => { status: number; body: object }): AwsAnswer {
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8') || '{}');
  } catch {
    return awsError(400, 'SerializationException', 'The body is not JSON.');
  }
  const answer = handle(input);
  if (!('__type' in answer.body)) return answer;
  return { ...answer, headers: { 'x-amzn-errortype': String(answer.body.__type) } };
}

const notAllowed = () =>
  awsError(
    405,
    'UnknownOperationException',
    'Only POST is served here; point an AWS client at this address.',
  );

function failure(error: unknown, services: AwsServices): AwsAnswer {
  if (error instanceof BodyTooLongError) {
    const answer = awsError(413, 'RequestTooLarge', `The ${error.message}.`);
    return { ...answer, headers: { ...answer.headers, connection: 'close' } };
  }
  services.onDefect(error instanceof Error ? error.name : typeof error);
  return awsError(500, 'InternalFailure', 'The local endpoint could not process the request.');
}
