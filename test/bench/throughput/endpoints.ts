import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  CertificateAuthority,
  type IssuedCertificate,
} from '../../unit/token-endpoint/certificate-authority.ts';
import { DynamoDbItems } from './dynamodb-items.ts';
import type { Latencies } from './latencies.ts';

/** Where the endpoints are, for the process that measures. */
export interface Endpoints {
  readonly awsUrl: string;
  readonly providerUrl: string;
  /** The authority of their certificate (PEM), if they speak TLS. */
  readonly ca?: string;
}

/** What this process is asked for. */
export interface EndpointsRequest {
  readonly latencies: Latencies;
  readonly isOverTls: boolean;
}

function awsListener({ dynamoDb, others }: Latencies): RequestListener {
  const items = new DynamoDbItems();
  const secrets = new Map<string, string>();
  return listenerOf((headers, body) => {
    const target = String(headers['x-amz-target']);
    const [, operation = ''] = target.split('.');
    const input = JSON.parse(body);
    if (target.startsWith('DynamoDB')) return { ...items.answer(operation, input), afterMs: dynamoDb };
    const answer =
      operation === 'PutEvents' ? { FailedEntryCount: 0 } : secretsAnswer(secrets, operation, input);
    return answer
      ? { status: 200, json: answer, afterMs: others }
      : { status: 400, json: { __type: 'ResourceNotFoundException' }, afterMs: others };
  });
}

interface SecretRequest {
  readonly SecretId?: string;
  readonly Name?: string;
  readonly SecretString?: string;
}

function secretsAnswer(
  secrets: Map<string, string>,
  operation: string,
  input: SecretRequest,
): object | undefined {
  const name = input.SecretId ?? input.Name ?? '';
  if (operation === 'CreateSecret' || operation === 'PutSecretValue') {
    secrets.set(name, input.SecretString ?? '');
    return { Name: name, VersionId: `version-${secrets.size}` };
  }
  const SecretString = secrets.get(name);
  return SecretString === undefined ? undefined : { Name: name, SecretString, VersionId: 'version-1' };
}

/** Each token is spent once; what was spent is refused, so that nothing is counted twice. */
function providerListener({ provider, slowProvider }: Latencies): RequestListener {
  const spent = new Set<string>();
  let issued = 0;
  return listenerOf((_, body, path) => {
    const afterMs = path.startsWith('/slow') ? slowProvider : provider;
    const token = new URLSearchParams(body).get('refresh_token') ?? '';
    if (spent.has(token)) return { status: 400, json: { error: 'invalid_grant' }, afterMs };
    spent.add(token);
    issued += 1;
    const pair = {
      access_token: `fake-access-${issued}-${'x'.repeat(30)}`,
      refresh_token: `fake-refresh-${issued}`,
    };
    return { status: 200, json: { ...pair, token_type: 'bearer', expires_in: 3600 }, afterMs };
  });
}

export interface EndpointAnswer {
  readonly status: number;
  readonly json: object;
}

type Answer = (
  headers: NodeJS.Dict<string | string[]>,
  body: string,
  path: string,
) => EndpointAnswer & { readonly afterMs: number };

/** What is asked is done at once, and answered after its time. */
function listenerOf(answer: Answer): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, json, afterMs } = answer(
        request.headers,
        Buffer.concat(chunks).toString(),
        request.url ?? '',
      );
      setTimeout(() => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(json));
      }, afterMs);
    });
  };
}

async function started(listener: RequestListener, tls: IssuedCertificate | undefined): Promise<string> {
  const server: Server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.key }, listener)
    : createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * A process that does the least that AWS and a provider do, each answer after a time as in a region: what it costs is
 * not counted. It tells its parent its addresses, and ends with it. `node endpoints.ts '{"latencies":{"dynamoDb":5,…},…}'`.
 */
if (process.send) {
  const { latencies, isOverTls } = JSON.parse(process.argv[2] ?? '') as EndpointsRequest;
  const authority = isOverTls ? new CertificateAuthority('Fake Authority') : undefined;
  const tls = authority?.issue('fake-endpoints');
  const endpoints: Endpoints = {
    awsUrl: await started(awsListener(latencies), tls),
    providerUrl: await started(providerListener(latencies), tls),
    ca: authority?.certificate,
  };
  process.send(endpoints);
  process.once('disconnect', () => process.exit());
}
