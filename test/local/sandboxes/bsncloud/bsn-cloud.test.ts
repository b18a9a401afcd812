// BSN.cloud: what BrightSign's guide says, step by step.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openJournal } from '../../../../local/data/journal/journal.ts';
import {
  type BsnCloudOptions,
  type BsnCloudRecord,
  createBsnCloudProvider,
} from '../../../../local/sandboxes/bsncloud/bsn-cloud-provider.ts';
import { bsnCloudRules } from '../../../../local/sandboxes/bsncloud/bsn-cloud-rules.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CLIENT = { client_id: 'fake-app', client_secret: 'fake-app-secret', networks: ['Lobby', 'Shop'] };
const TOKEN = '/realms/bsncloud/protocol/openid-connect/token';
const NETWORK = '/2022/06/REST/Self/Session/Network';

async function run(t: TestContext, options: Partial<BsnCloudOptions> = {}) {
  const clock = new ManualClock();
  const { listener } = createBsnCloudProvider({ clock, scale: 1, ...options });
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((closed) => server.close(closed));
  };
  t.after(stop);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const post = (path: string, body: object) =>
    fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  const login = (secret = CLIENT.client_secret, form: Record<string, string> = {}) =>
    fetch(url + TOKEN, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${CLIENT.client_id}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
    });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    clock,
    url,
    stop,
    post,
    login,
    token: async () => ((await (await login()).json()) as { access_token: string }).access_token,
    choose: (token: string, name: unknown) =>
      fetch(url + NETWORK, { method: 'PUT', headers: bearer(token), body: JSON.stringify({ name }) }),
    open: async (token: string) =>
      (await fetch(`${url}/bsncloud/resource`, { headers: bearer(token) })).status,
  };
}

async function withClient(t: TestContext, options: Partial<BsnCloudOptions> = {}) {
  const bsnCloud = await run(t, options);
  assert.equal((await bsnCloud.post('/bsncloud/_sandbox/clients', CLIENT)).status, 200);
  return bsnCloud;
}

test('client credentials by HTTP Basic bring a token of 330 s, and no refresh token', async (t) => {
  const { login, url } = await withClient(t);
  const answer = (await (await login()).json()) as Record<string, unknown>;
  assert.deepEqual(Object.keys(answer).sort(), ['access_token', 'expires_in', 'scope', 'token_type']);
  assert.equal(answer.expires_in, 330);
  assert.equal((await login('fake-wrong')).status, 401);
  const { client_id, client_secret } = CLIENT;
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret });
  assert.equal((await fetch(url + TOKEN, { method: 'POST', body })).status, 401, 'not in the body');
  assert.equal((await login(undefined, { grant_type: 'refresh_token', refresh_token: 'x' })).status, 400);
});

test('each new token reaches nothing until it has chosen its network', async (t) => {
  const { token, choose, open } = await withClient(t);
  const first = await token();
  assert.equal(await open(first), 403);
  assert.equal((await choose(first, 'Lobby')).status, 204);
  assert.equal(await open(first), 200);
  const second = await token();
  assert.deepEqual([await open(second), await open(first)], [403, 200]);
});

test('a network of somebody else is 403, a dead token 401, no name 400, and nothing is chosen', async (t) => {
  const { token, choose, open, clock } = await withClient(t);
  const access = await token();
  assert.equal((await choose(access, 'Elsewhere')).status, 403);
  for (const name of [undefined, '', 7]) assert.equal((await choose(access, name)).status, 400);
  assert.equal((await choose('fake-access-token', 'Lobby')).status, 401);
  assert.equal(await open(access), 403);
  await clock.advance(330_000);
  assert.equal((await choose(access, 'Lobby')).status, 401);
  assert.equal(await open(access), 401);
});

test('a choice ends after 24 hours, and can be made again', async (t) => {
  const { provider, networkSessionMs } = bsnCloudRules(1);
  const accessToken = { ...provider.accessToken, lifeMs: 7 * DAY_MS };
  const rules = { provider: { ...provider, accessToken }, networkSessionMs };
  const { token, choose, open, clock } = await withClient(t, { rules });
  const access = await token();
  await choose(access, 'Lobby');
  await clock.advance(DAY_MS - 1);
  assert.equal(await open(access), 200);
  await clock.advance(1);
  assert.equal(await open(access), 403);
  await choose(access, 'Shop');
  assert.equal(await open(access), 200);
});

test('a client secret ends after 180 days', async (t) => {
  const { login, clock } = await withClient(t);
  await clock.advance(180 * DAY_MS - 1);
  assert.equal((await login()).status, 200);
  await clock.advance(1);
  assert.equal((await login()).status, 401);
});

test('a new client secret works at once, and the old one for a while beside it', async (t) => {
  const { login, post, clock } = await withClient(t);
  await post('/bsncloud/_sandbox/clients', { ...CLIENT, client_secret: 'fake-new-secret' });
  assert.deepEqual([(await login()).status, (await login('fake-new-secret')).status], [200, 200]);
  await clock.advance(DAY_MS);
  assert.deepEqual([(await login()).status, (await login('fake-new-secret')).status], [401, 200]);
});

test('the choice of a network can be made to fail, before it is made and after', async (t) => {
  const { token, choose, open, post } = await withClient(t);
  const access = await token();
  const order = (kind: string) => post('/bsncloud/_sandbox/network-faults', { kind, count: 1 });
  await order('http-503');
  assert.equal((await choose(access, 'Lobby')).status, 503);
  await order('http-429');
  const throttled = await choose(access, 'Lobby');
  assert.deepEqual([throttled.status, throttled.headers.get('retry-after')], [429, '1']);
  await order('drop-request');
  await assert.rejects(choose(access, 'Lobby'), TypeError);
  assert.equal(await open(access), 403);
  await order('drop-response');
  await assert.rejects(choose(access, 'Lobby'), TypeError);
  assert.equal(await open(access), 200);
});

test('tokens, networks and choices are there again after a restart', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bsn-cloud-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const clock = new ManualClock();
  const open = () => openJournal<BsnCloudRecord>(join(folder, 'bsn-cloud.jsonl'), { fsync: true });
  const journal = open();
  const before = await withClient(t, { clock, journal });
  const [chosen, unchosen] = [await before.token(), await before.token()];
  await before.choose(chosen, 'Lobby');
  await before.stop();
  journal.close();

  const again = open();
  t.after(() => again.close());
  const after = await run(t, { clock, journal: again });

  assert.deepEqual([await after.open(chosen), await after.open(unchosen)], [200, 403]);
  assert.equal((await after.choose(unchosen, 'Shop')).status, 204);
});
