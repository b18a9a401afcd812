import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDbItems } from './dynamodb-items.ts';
import type { Latencies } from './latencies.ts';

/** Where the endpoints are, for the process that measures. */
export interface Endpoints {
  readonly awsUrl: string;
  readonly providerUrl: string;
}

function awsServer({ dynamoDb, others }: Latencies): Server {
  const items = new DynamoDbItems();
  const secrets = new Map<string, string>();
  return serverOf((headers, body) => {
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
function providerServer({ provider, slowProvider }: Latencies): Server {
  const spent = new Set<string>();
  let issued = 0;
  return serverOf((_, body, path) => {
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
function serverOf(answer: Answer): Server {
  return createServer((request, response) => {
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
  });
}

async function started(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/**
 * A process that does the least that AWS and a provider do, each answer after a time as in a region: what it costs is
 * not counted. It tells its parent its addresses, and ends with it. `node endpoints.ts '{"dynamoDb":5,…}'`.
 */
if (process.send) {
  const latencies = JSON.parse(process.argv[2] ?? '') as Latencies;
  const endpoints: Endpoints = {
    awsUrl: await started(awsServer(latencies)),
    providerUrl: await started(providerServer(latencies)),
  };
  process.send(endpoints);
  process.once('disconnect', () => process.exit());
}
