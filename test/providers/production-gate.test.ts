// BS2 in production, and BSN.cloud, as an operator meets them in the local stack: what is demanded, and what a refusal costs.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { names } from '../../shared/config/names.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';

const CODE = 'fake-bank-code';
const CLIENT = { client_id: 'fake-client', client_secret: 'fake-secret' };
const SCOPE = 'fake.read';

/** A production stack whose sandbox keeps out whom the bank keeps out. */
async function production(t: TestContext) {
  const stack = await startStackProcess(t, ['--env', 'prd', '--no-demo', '--require-user-agent', CODE]);
  const lambda = new LambdaClient(testClientOptions(stack.awsUrl));
  t.after(() => lambda.destroy());
  const { adminFunction, readFunction } = names('prd');
  // biome-ignore lint/suspicious/noExplicitAny: what an operator's client sees is JSON
  const invoke = async (FunctionName: string, event: object): Promise<any> => {
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    return JSON.parse(Buffer.from(Payload ?? []).toString());
  };
  const { providerUrl } = stack;
  const post = async (path: string, body: object) =>
    (await (
      await fetch(providerUrl + path, { method: 'POST', body: JSON.stringify(body) })
    ).json()) as Record<string, string>;
  const statusOf = async (path: string, headers: Record<string, string>) =>
    (await fetch(providerUrl + path, { headers })).status;
  return {
    providerUrl,
    post,
    statusOf,
    admin: (event: object) => invoke(adminFunction, event),
    read: (credential: string) => invoke(readFunction, { credential }),
    stats: async (path = '/_sandbox/stats') =>
      (await fetch(providerUrl + path)).json() as Promise<Record<string, number>>,
  };
}

test('BS2 in production: the code is demanded and handed on, and an address that is not entered costs nothing', async (t) => {
  const { admin, read, post, statusOf, stats } = await production(t);
  const { refresh_token } = await post('/_sandbox/refresh-tokens', { ...CLIENT, scope: SCOPE });
  const request = { action: 'register', credential: 'acme', scope: SCOPE, client: CLIENT, refresh_token };
  const registered = await admin({ ...request, user_agent: CODE });
  assert.deepEqual([registered.generation, registered.failing_since], [1, undefined]);

  const { access_token, user_agent } = await read('acme');
  const authorization = `Bearer ${access_token}`;
  assert.equal(user_agent, CODE);
  assert.equal(await statusOf('/resource', { authorization, 'user-agent': user_agent }), 200);
  assert.equal(await statusOf('/resource', { authorization }), 403);

  await post('/_sandbox/addresses', { addresses: ['192.0.2.1'] });
  const refused = await admin({ action: 'refresh', credential: 'acme', force: true });
  assert.deepEqual([refused.result, refused.reason], ['failed', 'refused']);
  const { state, outcome, reason } = await admin({ action: 'status', credential: 'acme' });
  assert.deepEqual([state, outcome, reason], ['active', 'refused', 'http-403']);

  await post('/_sandbox/addresses', { addresses: ['127.0.0.1/32'] });
  const again = await admin({ action: 'refresh', credential: 'acme', force: true });
  assert.deepEqual([again.result, again.generation], ['refreshed', 2]);
  const { reused_refresh_tokens, issued, blocked = 0 } = await stats();
  assert.deepEqual([reused_refresh_tokens, issued], [0, 2]);
  assert.ok(blocked >= 2);
});

test('BSN.cloud: a token that readers get works in its network, and a choice that fails costs no login', async (t) => {
  const { admin, read, post, statusOf, stats } = await production(t);
  await post('/bsncloud/_sandbox/clients', { ...CLIENT, networks: ['Lobby'] });
  const lobby = { credential: 'lobby', provider: 'bsncloud', client: CLIENT, user_agent: CODE };
  const missing = await admin({ action: 'register', ...lobby });
  assert.match(missing.error.message, /^network: is missing; each token of bsncloud chooses the network/);

  const wrong = await admin({ action: 'register', ...lobby, network: 'Lobbby' });
  assert.deepEqual([wrong.outcome, wrong.reason], ['refused-network', 'http-403']);
  assert.equal((await read('lobby')).error.code, 'refresh-pending');
  const fixed = await admin({ action: 'update', credential: 'lobby', network: 'Lobby' });
  assert.deepEqual([fixed.generation, fixed.outcome], [1, undefined]);
  const path = '/bsncloud/_sandbox/stats';
  assert.equal((await stats(path)).issued, 1);

  const works = async () => {
    const { access_token, user_agent } = await read('lobby');
    return statusOf('/bsncloud/resource', {
      authorization: `Bearer ${access_token}`,
      'user-agent': user_agent,
    });
  };
  assert.equal(await works(), 200);
  await post('/bsncloud/_sandbox/network-faults', { kind: 'http-503', count: 100 });
  const failed = await admin({ action: 'refresh', credential: 'lobby', force: true });
  assert.deepEqual([failed.result, failed.reason], ['failed', 'not-chosen']);
  assert.equal(await works(), 200);
  await post('/bsncloud/_sandbox/network-faults', { kind: 'http-503', count: 0 });
  const chosen = await admin({ action: 'refresh', credential: 'lobby', force: true });
  assert.deepEqual([chosen.result, chosen.generation], ['refreshed', 2]);
  assert.equal(await works(), 200);
  assert.equal((await stats(path)).issued, 2);
});
