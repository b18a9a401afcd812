// Whatever a request needs, as an operator registers it: the running stack, and a server for each that takes nothing else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose';
import { names } from '../../shared/config/names.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { CertificateAuthority } from '../unit/token-endpoint/certificate-authority.ts';

const CLIENT = { client_id: 'fake-client', client_secret: 'fake-secret' };
const BASIC = `Basic ${Buffer.from('fake-client:fake-secret').toString('base64')}`;
const FORM = 'application/x-www-form-urlencoded';

/** A token request as a server sees it. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly form: URLSearchParams;
  /** Common name of the certificate that the client showed, if the authority signed it. */
  readonly certifiedName: string | undefined;
}

interface Row {
  readonly name: string;
  readonly secure?: true;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly client?: Readonly<Record<string, unknown>>;
  /** True for a request that this provider takes; it is asked for the first refresh and for the second. */
  takes(seen: Seen): boolean | Promise<boolean>;
}

const signing = await generateKeyPair('ES256', { extractable: true });
const PRIVATE_KEY = await exportPKCS8(signing.privateKey);
const authority = new CertificateAuthority('Fake Authority');
const serverCertificate = authority.issue('fake-server');
const clientCertificate = authority.issue('fake-tls-client');

const isRefresh = (parameters: URLSearchParams) =>
  parameters.get('grant_type') === 'refresh_token' && parameters.has('refresh_token');

const ROWS: readonly Row[] = [
  {
    name: 'json',
    settings: { body: 'json', client_auth: 'post' },
    takes: ({ headers, body }) => {
      const { grant_type, refresh_token, ...client } = JSON.parse(body);
      const isJson = headers['content-type'] === 'application/json';
      return isJson && grant_type === 'refresh_token' && !!refresh_token && matches(client, CLIENT);
    },
  },
  {
    name: 'query',
    settings: { body: 'query', client_auth: 'basic' },
    takes: ({ method, query, body, headers }) =>
      method === 'POST' && isRefresh(query) && body === '' && headers.authorization === BASIC,
  },
  {
    name: 'get',
    settings: { body: 'query', method: 'GET', client_auth: 'basic' },
    takes: ({ method, query, body }) => method === 'GET' && isRefresh(query) && body === '',
  },
  {
    name: 'headers',
    settings: { client_auth: 'none', headers: { accept: 'application/vnd.fake+json' } },
    client: { client_id: 'fake-client', headers: { 'x-api-key': 'fake-key' } },
    takes: ({ headers, form }) =>
      headers.accept === 'application/vnd.fake+json' &&
      headers['x-api-key'] === 'fake-key' &&
      headers['content-type'] === FORM &&
      !form.has('client_secret'),
  },
  {
    name: 'extra',
    settings: { client_auth: 'post', extra: { resource: ['https://a.example', 'https://b.example'] } },
    takes: ({ form }) => matches(form.getAll('resource'), ['https://a.example', 'https://b.example']),
  },
  {
    name: 'refresh-url',
    settings: {
      client_auth: 'post',
      refresh_url: '/refresh-url/elsewhere',
      refresh_scope: 'omit',
      scope: 'a',
    },
    takes: ({ path, form }) => path === '/refresh-url/elsewhere' && !form.has('scope'),
  },
  {
    name: 'grant-type',
    settings: {
      grant: 'client_credentials',
      grant_type: 'account_credentials',
      client_auth: 'basic',
      extra: { account_id: 'fake-account' },
    },
    takes: ({ form, headers }) =>
      form.get('grant_type') === 'account_credentials' &&
      form.get('account_id') === 'fake-account' &&
      headers.authorization === BASIC,
  },
  {
    name: 'empty-secret',
    settings: { client_auth: 'basic', extra: { client_id: 'fake-client' } },
    client: { client_id: 'fake-client', client_secret: '' },
    takes: ({ headers, form }) =>
      headers.authorization === `Basic ${Buffer.from('fake-client:').toString('base64')}` &&
      form.get('client_id') === 'fake-client',
  },
  {
    name: 'private-key-jwt',
    secure: true,
    settings: { client_auth: 'private_key_jwt', ca: authority.certificate },
    client: { client_id: 'fake-client', private_key: PRIVATE_KEY, key_id: 'fake-key-id' },
    takes: async ({ form }) => {
      const { payload, protectedHeader } = await jwtVerify(
        form.get('client_assertion') ?? '',
        signing.publicKey,
        { issuer: 'fake-client', subject: 'fake-client' },
      );
      return (
        protectedHeader.kid === 'fake-key-id' && isNewAssertion(payload.jti) && !form.has('client_secret')
      );
    },
  },
  {
    name: 'tls',
    secure: true,
    settings: { client_auth: 'tls', ca: authority.certificate },
    client: {
      client_id: 'fake-client',
      certificate: clientCertificate.certificate,
      private_key: clientCertificate.key,
    },
    takes: ({ certifiedName, form }) =>
      certifiedName === 'fake-tls-client' && form.get('client_id') === 'fake-client',
  },
  {
    name: 'tls-and-basic',
    secure: true,
    settings: { client_auth: 'basic', ca: authority.certificate },
    client: { ...CLIENT, certificate: clientCertificate.certificate, private_key: clientCertificate.key },
    takes: ({ certifiedName, headers }) =>
      certifiedName === 'fake-tls-client' && headers.authorization === BASIC,
  },
];

const assertions = new Set<string>();
function isNewAssertion(id: string | undefined): boolean {
  const isNew = id !== undefined && !assertions.has(id);
  if (id !== undefined) assertions.add(id);
  return isNew;
}

function matches(actual: unknown, expected: unknown): boolean {
  assert.deepEqual(actual, expected);
  return true;
}

/** Answers each row by its path, with a new pair for what it takes; which access tokens it gave out. */
function strictServer() {
  const given = new Map<string, string[]>(ROWS.map(({ name }) => [name, []]));
  const listener: RequestListener = async (request, response) => {
    const seen = await seenOf(request);
    const row = ROWS.find(({ name }) => seen.path.startsWith(`/${name}/`));
    const tokens = given.get(row?.name ?? '') ?? [];
    const isTaken = await Promise.resolve(row?.takes(seen)).catch(() => false);
    response.setHeader('content-type', 'application/json');
    if (!row || !isTaken) {
      response.writeHead(400).end('{"error":"invalid_request"}');
      return;
    }
    const number = tokens.length + 1;
    tokens.push(`fake-access-${row.name}-${number}`);
    response.end(
      JSON.stringify({
        access_token: tokens.at(-1),
        expires_in: 600,
        token_type: 'Bearer',
        ...(row.settings.grant !== 'client_credentials' && { refresh_token: `fake-refresh-${number}` }),
        instance_url: `https://${row.name}.example`,
      }),
    );
  };
  return { given, listener };
}

async function seenOf(request: IncomingMessage): Promise<Seen> {
  const url = new URL(request.url ?? '', 'http://127.0.0.1');
  const body = await text(request);
  const socket = request.socket as Partial<TLSSocket>;
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    form: new URLSearchParams(body),
    certifiedName: socket.authorized ? String(socket.getPeerCertificate?.().subject.CN) : undefined,
  };
}

async function listen(t: TestContext, server: Server & { closeAllConnections(): void }): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

test('each setting of a request reaches the provider, at the first refresh and at the next', async (t) => {
  const { given, listener } = strictServer();
  const secure = createHttpsServer(
    {
      cert: serverCertificate.certificate,
      key: serverCertificate.key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    listener,
  );
  const http = `http://127.0.0.1:${await listen(t, createHttpServer(listener))}`;
  const https = `https://127.0.0.1:${await listen(t, secure)}`;
  const stack = await startStackProcess(t, ['--env', 'hml', '--no-demo', '--no-provider']);
  const lambda = new LambdaClient(testClientOptions(stack.awsUrl));
  t.after(() => lambda.destroy());
  const { adminFunction, readFunction } = names('hml');
  // biome-ignore lint/suspicious/noExplicitAny: what an operator's client sees is JSON
  const invoke = async (FunctionName: string, event: object): Promise<any> => {
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };

  for (const { name, secure: isSecure, settings, client = CLIENT } of ROWS) {
    await t.test(name, async () => {
      const origin = isSecure ? https : http;
      const { refresh_url, ...others } = settings;
      const registered = await invoke(adminFunction, {
        action: 'register',
        credential: name,
        provider: 'oauth2',
        token_url: `${origin}/${name}/token`,
        ...(refresh_url !== undefined && { refresh_url: `${origin}${refresh_url}` }),
        ...others,
        client,
        fields: ['instance_url'],
        ...(settings.grant === undefined && {
          refresh_token: 'fake-refresh-0',
          refresh_token_seconds: 86_400,
        }),
      });
      assert.deepEqual([registered.error, registered.reason], [undefined, undefined]);
      const again = await invoke(adminFunction, { action: 'refresh', credential: name, force: true });
      assert.equal(again.result, 'refreshed', JSON.stringify(again));
      const read = await invoke(readFunction, { credential: name });
      assert.equal(read.access_token, given.get(name)?.at(-1));
      assert.deepEqual(read.fields, { instance_url: `https://${name}.example` });
      assert.equal(given.get(name)?.length, 2);
    });
  }
});
