// Every sentence of the BSN "Authorization Workflow" that says how the provider behaves, as a test of that name.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openJournal } from '../../../../local/data/journal/journal.ts';
import type { BsnRecord } from '../../../../local/sandboxes/bsn/bsn-record.ts';
import { refusal } from '../provider/running-provider.ts';
import { MINUTE_MS, runBsn, USER } from './running-bsn.ts';

describe('The client makes a POST call to the /Token/ endpoint', () => {
  for (const path of ['/bsn/Token/', '/bsn/token/', '/bsn/token', '/bsn/Token']) {
    test(`${path}: the POST body includes a username and password pair, and the server returns a code 200`, async (t) => {
      const bsn = await runBsn(t);
      const { username, password } = USER;
      assert.equal((await bsn.post({ grant_type: 'password', username, password }, path)).status, 200);
    });
  }

  test('a client id and secret beside them are not looked at', async (t) => {
    const bsn = await runBsn(t);
    const response = await bsn.login({ client_id: 'fake-any', client_secret: 'fake-any' });
    assert.equal(response.status, 200);
  });

  test('credentials that are not valid are refused', async (t) => {
    const bsn = await runBsn(t);
    const wrongs: Record<string, string>[] = [{ password: 'fake-wrong' }, { username: 'fake-stranger' }];
    for (const wrong of wrongs) {
      assert.deepEqual(await refusal(await bsn.login(wrong)), [400, 'invalid_grant']);
    }
    assert.deepEqual(await refusal(await bsn.login({ password: '' })), [400, 'invalid_request']);
    const other = await bsn.login({ grant_type: 'client_credentials' });
    assert.deepEqual(await refusal(other), [400, 'unsupported_grant_type']);
  });
});

describe('a response body that includes access_token, expires_in, and refresh_token values', () => {
  test('and what the old server adds: scope as an array, token_type in lower case, who it is', async (t) => {
    const bsn = await runBsn(t);
    const { access_token, refresh_token, expires_in, ...rest } = await bsn.loggedIn();
    assert.notEqual(access_token, refresh_token);
    assert.ok(expires_in >= 600 && expires_in <= 1800);
    assert.deepEqual(rest, {
      token_type: 'bearer',
      scope: ['Self'],
      userLogin: USER.username,
      userId: 1,
      personId: 1,
      networkNames: USER.networks,
    });
    assert.equal(await bsn.open(access_token), 200);
  });

  test('The response body includes a networkNames array that lists networks associated with the specified username', async (t) => {
    const bsn = await runBsn(t);
    assert.deepEqual((await bsn.loggedIn()).networkNames, USER.networks);
    await bsn.postJson('/bsn/_sandbox/users', { username: 'fake-loner', password: 'fake-p', networks: [] });
    assert.deepEqual((await bsn.loggedIn({ username: 'fake-loner', password: 'fake-p' })).networkNames, []);
  });
});

describe('a second POST to the /token/ endpoint with network name included in the username', () => {
  test('the network name is included in the username: the token is for the network', async (t) => {
    const bsn = await runBsn(t);
    const { scope } = await bsn.loggedIn({ username: `exampleNetwork/${USER.username}` });
    assert.deepEqual(scope, ['Full', 'Self']);
  });

  test('the parameter network does the same', async (t) => {
    const bsn = await runBsn(t);
    assert.deepEqual((await bsn.loggedIn({ network: 'otherNetwork' })).scope, ['Full', 'Self']);
  });

  test('a network of somebody else is refused', async (t) => {
    const bsn = await runBsn(t);
    const response = await bsn.login({ username: `fakeNetwork/${USER.username}` });
    assert.deepEqual(await refusal(response), [400, 'invalid_grant']);
  });
});

test('The expires_in value may be changed on the server at any time, or it may be randomized on each authentication return', async (t) => {
  const bsn = await runBsn(t);
  const lives = new Set<number>();
  let { refresh_token } = await bsn.loggedIn();
  for (let at = 0; at < 5; at++) {
    const next = await bsn.refreshed(refresh_token);
    lives.add(next.expires_in);
    refresh_token = next.refresh_token;
  }
  assert.ok(lives.size > 2, [...lives].join());
});

test('an access token lives for expires_in seconds, under scale for as much less', async (t) => {
  for (const scale of [1, 60]) {
    const bsn = await runBsn(t, { scale });
    const { access_token, expires_in } = await bsn.loggedIn();
    assert.ok(expires_in <= 1800 / scale);
    await bsn.clock.advance(expires_in * 1000 - 1);
    assert.equal(await bsn.open(access_token), 200);
    await bsn.clock.advance(1000);
    assert.equal(await bsn.open(access_token), 401);
  }
});

test('it includes the access_token in the header of each request to a BSN endpoint, and nowhere else', async (t) => {
  const bsn = await runBsn(t);
  const { access_token } = await bsn.loggedIn();
  assert.equal(await bsn.open(access_token), 200);
  const inQuery = await fetch(`${bsn.url}/bsn/resource?access_token=${access_token}`);
  assert.equal(inQuery.status, 401);
});

describe('the client application makes a POST call to the /token/ endpoint with the refresh_token value', () => {
  test('the password is not needed, and the network stays', async (t) => {
    const bsn = await runBsn(t);
    const first = await bsn.loggedIn({ username: `exampleNetwork/${USER.username}` });
    const { scope, networkNames, access_token } = await bsn.refreshed(first.refresh_token);
    assert.deepEqual([scope, networkNames], [['Full', 'Self'], USER.networks]);
    assert.equal(await bsn.open(access_token), 200);
  });

  test('even long after the access token has expired', async (t) => {
    const bsn = await runBsn(t);
    const { refresh_token } = await bsn.loggedIn();
    await bsn.clock.advance(1000 * MINUTE_MS);
    assert.equal((await bsn.refresh(refresh_token)).status, 200);
  });

  test('a refresh token works once, and its reuse is counted', async (t) => {
    const bsn = await runBsn(t);
    const { refresh_token } = await bsn.loggedIn();
    const statuses = await Promise.all([bsn.refresh(refresh_token), bsn.refresh(refresh_token)]);
    assert.deepEqual(statuses.map(({ status }) => status).sort(), [200, 400]);
    const { reused_refresh_tokens, issued, logins, token_requests } = await bsn.stats();
    assert.deepEqual(
      { reused_refresh_tokens, issued, logins, token_requests },
      { reused_refresh_tokens: 1, issued: 2, logins: 1, token_requests: 3 },
    );
  });
});

describe('the connection has been dropped: enter access credentials again', () => {
  for (const [how, path, body] of [
    ['an end of all sessions', '/bsn/_sandbox/revoke', { username: USER.username }],
    ['a new password', '/bsn/_sandbox/users', { ...USER, password: 'fake-password-2' }],
  ] as const) {
    test(`${how} kills refresh tokens, not access tokens, and a login begins anew`, async (t) => {
      const bsn = await runBsn(t);
      const { refresh_token, access_token } = await bsn.loggedIn();
      await bsn.postJson(path, body);
      assert.deepEqual(await refusal(await bsn.refresh(refresh_token)), [400, 'invalid_grant']);
      assert.equal(await bsn.open(access_token), 200);
      const password = 'password' in body ? body.password : USER.password;
      assert.equal((await bsn.login({ password })).status, 200);
    });
  }
});

test('faults strike as they do in the other sandbox', async (t) => {
  const bsn = await runBsn(t);
  const fault = (kind: string) => bsn.postJson('/bsn/_sandbox/faults', { kind });
  await fault('http-503');
  assert.equal((await bsn.login()).status, 503);
  await fault('drop-response');
  await assert.rejects(bsn.login());
  await fault('malformed');
  await assert.rejects((await bsn.login()).json());
  const { logins, token_requests } = await bsn.stats();
  assert.deepEqual([logins, token_requests], [2, 3]);
});

test('users, tokens and counters are there again after a restart, and no secret is in the journal', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'bsn-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'bsn.jsonl');
  const open = () => openJournal<BsnRecord>(path, { fsync: true });
  const journal = open();
  const before = await runBsn(t, { journal });
  const { refresh_token } = await before.loggedIn();
  const pair = await before.refreshed(refresh_token);
  const stats = await before.stats();
  await before.stop();
  journal.close();

  const again = open();
  t.after(() => again.close());
  const { username } = USER;
  const after = await runBsn(t, { journal: again, clock: before.clock });
  assert.deepEqual(await after.stats(), stats);
  assert.equal(await after.open(pair.access_token), 200);
  assert.doesNotMatch(readFileSync(path, 'utf8'), new RegExp(`${USER.password}|${pair.refresh_token}"`));
  assert.deepEqual(await refusal(await after.refresh(refresh_token)), [400, 'invalid_grant']);
  assert.match(readFileSync(path, 'utf8'), new RegExp(username));
});
