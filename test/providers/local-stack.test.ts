// Every provider in the local stack: real functions, real stores, time 60 times as fast.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { names } from '../../shared/config/names.ts';
import { eventually } from '../integration/eventually.ts';
import { operatorOf } from '../integration/operator.ts';
import { amount } from '../runner/amount.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { CLIENT as CERTIFIED_CLIENT, certifiedServer } from './certified-server.ts';
import { CLIENT as NODE_CLIENT, USER as NODE_USER, nodeOauthServer } from './node-oauth-server.ts';
import { serveOnLoopback } from './provider-world.ts';

const ENV = 'prd';
const SCALE = 60;
/** An hour takes a minute. */
const HOURS = amount({ test: 0.5, prove: 2, variable: 'RENOVA_PROVIDER_HOURS' });
const LIFE_MS = (HOURS * 3_600_000) / SCALE;
/** What the other servers' tokens live, in real time. */
const ACCESS_TOKEN_SECONDS = 8;
/** Longest time without a token that works: a busy machine may lose an attempt or two. Real time. */
const GAP_MS = 20_000;
/** Every token is used several times in its life. */
const LOOK_AGAIN_MS = amount({ test: 1000, prove: 250 });
const SCOPE = 'fake.read fake.write';
const USER_AGENT = 'fake-bank-code';
const USER = { username: 'exampleUser@brightsign.example', password: 'fake-password' };

/** A credential, and whether its provider takes a token of it. */
interface Member {
  readonly credential: string;
  readonly request: object;
  accepts(token: string): Promise<boolean>;
}

test(`${HOURS} h of every provider at once: each token works, and nothing is posted twice`, {
  timeout: LIFE_MS + 120_000,
}, async (t) => {
  // As the bank's production: with its code, and from addresses that were entered.
  const gate = ['--require-user-agent', USER_AGENT, '--allow-address', '127.0.0.1'];
  const stack = await startStackProcess(t, ['--env', ENV, '--scale', `${SCALE}`, '--no-demo', ...gate]);
  const operator = operatorOf(t, ENV, stack.awsUrl);
  const administer = adminOf(t, stack.awsUrl);
  const members = [
    ...(await bs2Members(stack.providerUrl)),
    await bsnMember(stack.providerUrl, administer),
    await bsnCloudMember(stack.providerUrl),
    ...(await otherMembers(t)),
  ];
  for (const { credential, request } of members) {
    const answer = await administer({ action: 'register', credential, ...request });
    assert.equal(answer.error, undefined, `${credential}: ${JSON.stringify(answer.error)}`);
  }

  const seen = new Map<string, Set<number>>(members.map(({ credential }) => [credential, new Set()]));
  for (const endMs = Date.now() + LIFE_MS; Date.now() < endMs; await delay(LOOK_AGAIN_MS)) {
    for (const { credential, accepts } of members) {
      const { access_token, generation, error } = await operator.read(credential);
      if (!error && (await accepts(access_token))) {
        seen.get(credential)?.add(generation);
        continue;
      }
      // Replaced or over between the read and the use: its successor comes, and works.
      await eventually(
        `${credential}: a token after generation ${generation} (${error?.code ?? 'dead'})`,
        async (saw) => {
          const next = await operator.read(credential);
          saw({ generation: next.generation, error: next.error });
          const isNew = !next.error && (generation === undefined || next.generation > generation);
          return (isNew && (await accepts(next.access_token))) || undefined;
        },
        { withinMs: GAP_MS },
      );
    }
  }

  for (const { credential, state, failing_since, reason } of await operator.list()) {
    assert.deepEqual([state, failing_since], ['active', undefined], `${credential}: ${reason}`);
    const generations = seen.get(credential)?.size ?? 0;
    // The longest life is BSN's: half an hour.
    assert.ok(generations >= HOURS * 2, `${credential}: only ${generations} generations`);
    t.diagnostic(`${credential}: ${generations} generations`);
  }
  for (const path of ['/_sandbox/stats', '/bsn/_sandbox/stats', '/bsncloud/_sandbox/stats']) {
    const stats = (await (await fetch(stack.providerUrl + path)).json()) as Record<string, number>;
    assert.equal(stats.reused_refresh_tokens, 0, `${path}: reused_refresh_tokens`);
    assert.equal(stats.throttled, 0, `${path}: throttled`);
    assert.equal(stats.blocked ?? 0, 0, `${path}: blocked`);
  }
});

type Administer = (event: object) => Promise<Record<string, unknown>>;

function adminOf(t: TestContext, awsUrl: string): Administer {
  const lambda = new LambdaClient(testClientOptions(awsUrl));
  t.after(() => lambda.destroy());
  return async (event) => {
    const { adminFunction: FunctionName } = names(ENV);
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };
}

async function bs2Members(url: string): Promise<Member[]> {
  const forms = [
    { credential: 'bs2-collection', settings: {} },
    { credential: 'bs2-login', settings: { grant: 'password', client_auth: 'basic' } },
    { credential: 'bs2-client', settings: { grant: 'client_credentials', client_auth: 'basic' } },
  ];
  return Promise.all(
    forms.map(async ({ credential, settings }) => {
      const client = { client_id: `fake-${credential}`, client_secret: 'fake-secret' };
      const user = settings.grant === 'password' ? USER : {};
      const path = settings.grant ? '/_sandbox/logins' : '/_sandbox/refresh-tokens';
      const { refresh_token } = await postJson(url + path, { ...client, ...user, scope: SCOPE });
      const token_url = `${url}/auth/oauth/v2/token`;
      const request = {
        provider: 'bs2',
        user_agent: USER_AGENT,
        token_url,
        scope: SCOPE,
        client: { ...client, ...user },
        refresh_token,
      };
      return { credential, request: { ...request, ...settings }, accepts: opens(`${url}/resource`) };
    }),
  );
}

/** Chooses the network as an operator does. */
async function bsnMember(url: string, administer: Administer): Promise<Member> {
  await postJson(`${url}/bsn/_sandbox/users`, { ...USER, networks: ['exampleNetwork', 'otherNetwork'] });
  const bsn = { provider: 'bsn', token_url: `${url}/bsn/Token/` };
  const { networks } = await administer({ action: 'networks', ...bsn, client: USER });
  assert.deepEqual(networks, ['exampleNetwork', 'otherNetwork']);
  const client = { ...USER, network: 'otherNetwork' };
  return { credential: 'bsn-sign', request: { ...bsn, client }, accepts: opens(`${url}/bsn/resource`) };
}

/** By name alone: URLs, grant and client authentication are the profile's. Its readers are told the network by nobody. */
async function bsnCloudMember(url: string): Promise<Member> {
  const client = { client_id: 'fake-application', client_secret: 'fake-secret' };
  await postJson(`${url}/bsncloud/_sandbox/clients`, { ...client, networks: ['Lobby', 'Other'] });
  const request = { provider: 'bsncloud', network: 'Lobby', user_agent: USER_AGENT, client };
  return { credential: 'bsn-cloud', request, accepts: opens(`${url}/bsncloud/resource`) };
}

async function otherMembers(t: TestContext): Promise<Member[]> {
  const accessTokenSeconds = ACCESS_TOKEN_SECONDS;
  let certified: ReturnType<typeof certifiedServer> | undefined;
  const first = await serveOnLoopback((url) => {
    certified = certifiedServer(url, { accessTokenSeconds });
    return certified.listener;
  });
  const nodeOauth = nodeOauthServer({ accessTokenSeconds });
  const second = await serveOnLoopback(() => nodeOauth.listener);
  t.after(first.close);
  t.after(second.close);
  assert.ok(certified);
  const { grant, tokenUrl, accepts } = certified;
  const any = { provider: 'oauth2', refresh_token_seconds: 86_400 };
  const login = { grant: 'password', client: { ...NODE_CLIENT, ...NODE_USER } };
  return [
    {
      credential: 'oidc-provider',
      request: { ...any, token_url: tokenUrl, client: CERTIFIED_CLIENT, refresh_token: await grant() },
      accepts,
    },
    {
      credential: 'node-oauth2-server',
      request: { ...any, token_url: `${second.url}/token`, ...login },
      accepts: nodeOauth.accepts,
    },
  ];
}

async function postJson(url: string, body: object): Promise<{ refresh_token?: string }> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  assert.equal(response.status, 200, url);
  return (await response.json()) as { refresh_token?: string };
}

function opens(url: string) {
  return async (token: string): Promise<boolean> => {
    const headers = { authorization: `Bearer ${token}`, 'user-agent': USER_AGENT };
    const response = await fetch(url, { headers });
    await response.arrayBuffer();
    return response.status === 200;
  };
}
