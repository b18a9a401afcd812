import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type RunningServer, serve } from '../../local/http/http-server.ts';
import { isAllowed, type Statement } from './policy.ts';
import { ACCOUNT, REGION, SECRET_SUFFIX } from './resolve.ts';

export interface IamGate {
  readonly url: string;
  /** `caller action resource`, for every request that was denied. */
  readonly denied: readonly string[];
}

/** ARN of the key of KMS that encrypts a secret or a parameter; undefined for one of AWS, which nobody is asked about. */
export type KeyOf = (name: string) => string | undefined;

/** Ports of loopback that answer for AWS. */
export interface Upstream {
  readonly lambda: number;
  /** Of all other services. */
  readonly others: number;
}

/**
 * Stands before the AWS endpoints of `upstream` and lets through what the caller's policies allow; anything else
 * is an `AccessDeniedException`. The caller is the access key id of the signature.
 */
export async function startIamGate(
  upstream: Upstream,
  statementsOf: (caller: string) => readonly Statement[],
  keyOf: KeyOf,
  opened: AsyncDisposableStack,
): Promise<IamGate> {
  const denied: string[] = [];
  const server: RunningServer = await serve(
    async (request, response) => {
      const body = await buffer(request);
      const caller = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const missing = authorizationsOf(request, body, keyOf).filter(
        ({ action, resource }) => !isAllowed(statementsOf(caller), action, resource),
      );
      const port = isInvocation(request) ? upstream.lambda : upstream.others;
      if (missing.length === 0) return forward(port, request, body, response);
      denied.push(...missing.map(({ action, resource }) => `${caller} ${action} ${resource}`));
      const answer = { __type: 'AccessDeniedException', message: 'Not allowed.' };
      response.writeHead(400, { 'x-amzn-errortype': answer.__type }).end(JSON.stringify(answer));
    },
    0,
    'the gate',
  );
  opened.defer(() => server.close());
  return { url: server.url, denied };
}

interface Authorization {
  readonly action: string;
  readonly resource: string;
}

const INVOCATION = /\/functions\/([^/]+)\/invocations/;

function isInvocation({ url = '' }: IncomingMessage): boolean {
  return INVOCATION.test(url);
}

/** What IAM is asked about a request; all of it must be allowed. */
function authorizationsOf(
  { headers, url = '' }: IncomingMessage,
  body: Buffer,
  keyOf: KeyOf,
): Authorization[] {
  const invoked = INVOCATION.exec(url)?.[1];
  if (invoked) {
    const resource = arn('lambda', `function:${decodeURIComponent(invoked)}`);
    return [{ action: 'lambda:InvokeFunction', resource }];
  }
  const [service = '', operation = ''] = String(headers['x-amz-target']).split('.', 2);
  const input = JSON.parse(body.toString()) as RequestFields;
  if (service === 'secretsmanager') return ofSecret(operation, input, keyOf);
  if (service === 'AmazonSSM') return ofParameter(operation, input, keyOf);
  if (service === 'AWSEvents')
    return [{ action: `events:${operation}`, resource: arn('events', 'event-bus/default') }];
  const index = input.IndexName ? `/index/${input.IndexName}` : '';
  const resource = arn('dynamodb', `table/${input.TableName}${index}`);
  return [{ action: `dynamodb:${operation}`, resource }];
}

interface RequestFields {
  readonly SecretId?: string;
  readonly Name?: string;
  readonly ResourceId?: string;
  readonly Tags?: readonly object[];
  readonly TableName?: string;
  readonly IndexName?: string;
}

/** Creating a secret with tags is tagging it too. The service uses the secret's key in the name of the caller. */
function ofSecret(
  operation: string,
  { SecretId, Name, Tags = [] }: RequestFields,
  keyOf: KeyOf,
): Authorization[] {
  const operations = Tags.length > 0 ? [operation, 'TagResource'] : [operation];
  const name = SecretId ?? Name ?? '';
  const used = { GetSecretValue: ['Decrypt'], PutSecretValue: USES, CreateSecret: USES }[operation] ?? [];
  return [
    ...operations.flatMap((each) =>
      secretArns(name).map((resource) => ({ action: `secretsmanager:${each}`, resource })),
    ),
    ...usesOfKey(keyOf(name), used),
  ];
}

/** Secrets Manager user guide, "Secret encryption and decryption": what it does with a key. */
const USES = ['GenerateDataKey', 'Decrypt'];

/** A parameter is encrypted by the key itself, or by a data key of it, as its tier wants. */
function ofParameter(operation: string, { Name, ResourceId }: RequestFields, keyOf: KeyOf): Authorization[] {
  const name = Name ?? ResourceId ?? '';
  const used = { PutParameter: ['Encrypt', 'GenerateDataKey'] }[operation] ?? [];
  return [
    { action: `ssm:${operation}`, resource: arn('ssm', `parameter${name}`) },
    ...usesOfKey(keyOf(name), used),
  ];
}

function usesOfKey(key: string | undefined, operations: readonly string[]): Authorization[] {
  return key === undefined ? [] : operations.map((each) => ({ action: `kms:${each}`, resource: key }));
}

/** A secret that may not be there yet must be allowed with the six characters and without. */
function secretArns(name: string): string[] {
  const withSuffix = arn('secretsmanager', `secret:${name}${SECRET_SUFFIX}`);
  const isAlwaysThere = /^renova\/[a-z]+\/(seal\/(access|refresh)|webhook)$/.test(name);
  return isAlwaysThere ? [withSuffix] : [withSuffix, arn('secretsmanager', `secret:${name}`)];
}

function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
}

function forward(port: number, request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const { method, url, headers } = request;
  const onward = httpRequest({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
}
