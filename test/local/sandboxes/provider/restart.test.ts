import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openJournal } from '../../../../local/data/journal/journal.ts';
import type { SandboxRecord } from '../../../../local/sandboxes/provider/sandbox-record.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';
import { CLIENT, HOUR_MS, refusal, runProvider } from './running-provider.ts';

/** A sandbox whose process can be ended at any point: only the journal file and the clock go on. */
function survivor(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'provider-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'provider.jsonl');
  const clock = new ManualClock();
  const start = async () => {
    const journal = openJournal<SandboxRecord>(path, { fsync: true });
    const provider = await runProvider(t, { clock, journal });
    const stop = async () => {
      await provider.stop();
      journal.close();
    };
    t.after(() => provider.stop());
    return { ...provider, clock, stop };
  };
  return { path, clock, start };
}

test('clients, live tokens, spent tokens and every counter are there again after a restart', async (t) => {
  const { start } = survivor(t);
  const before = await start();
  const spent = await before.grant();
  const pair = await before.refreshed(spent);
  await before.refresh(spent);
  await before.open(pair.access_token);
  await before.open('fake-access-token-1');
  for (let i = 0; i < 9; i++) await before.refresh('fake-refresh-token-1');
  const statsBefore = await before.stats();
  await before.stop();

  const after = await start();

  assert.deepEqual(await after.stats(), statsBefore);
  assert.deepEqual(statsBefore, {
    token_requests: 11,
    issued: 1,
    throttled: 1,
    reused_refresh_tokens: 1,
    resource_ok: 1,
    resource_401: 1,
    busiest_window: 11,
  });
  assert.equal(await after.open(pair.access_token), 200);
  await after.clock.advance(60_000);
  assert.deepEqual(await refusal(await after.refresh(spent)), [400, 'invalid_grant']);
  assert.equal((await after.refresh(pair.refresh_token)).status, 200);
});

test('the quota window is not emptied by a restart', async (t) => {
  const { start } = survivor(t);
  const before = await start();
  for (let i = 0; i < 10; i++) await before.refresh('fake-refresh-token-1');
  await before.stop();

  const after = await start();
  await after.clock.advance(59_999);
  assert.equal((await after.refresh('fake-refresh-token-1')).status, 429);
  await after.clock.advance(1);
  assert.equal((await after.refresh('fake-refresh-token-1')).status, 401);
});

test('tokens go on ageing while the sandbox is down', async (t) => {
  const { start, clock } = survivor(t);
  const before = await start();
  const pair = await before.refreshed(await before.grant());
  await before.stop();
  await clock.advance(48 * HOUR_MS);

  const after = await start();
  assert.equal(await after.open(pair.access_token), 401);
  assert.deepEqual(await refusal(await after.refresh(pair.refresh_token)), [400, 'invalid_grant']);
});

test('a rotation whose answer was lost with the process stays committed', async (t) => {
  const { start } = survivor(t);
  const before = await start();
  const refreshToken = await before.grant();
  await before.postJson('/_sandbox/faults', { kind: 'drop-response', count: 1 });
  await assert.rejects(before.refresh(refreshToken), TypeError);
  await before.stop();

  const after = await start();
  assert.deepEqual(await refusal(await after.refresh(refreshToken)), [400, 'invalid_grant']);
  assert.equal((await after.stats()).reused_refresh_tokens, 1);
});

test('faults that were ordered and not yet met are met after the restart', async (t) => {
  const { start } = survivor(t);
  const before = await start();
  await before.postJson('/_sandbox/faults', { kind: 'http-503', count: 2 });
  assert.equal((await before.refresh('fake-refresh-token-1')).status, 503);
  await before.stop();

  const after = await start();
  assert.equal((await after.refresh('fake-refresh-token-1')).status, 503);
  assert.equal((await after.refresh('fake-refresh-token-1')).status, 401);
});

test('a torn last write never happened, and what comes after it is kept', async (t) => {
  const { path, start } = survivor(t);
  const before = await start();
  const refreshToken = await before.grant();
  await before.stop();
  appendFileSync(path, '{"type":"rotated","spent":"fake-torn');

  const between = await start();
  const pair = await between.refreshed(refreshToken);
  await between.stop();
  const after = await start();
  assert.equal(await after.open(pair.access_token), 200);
});

test('the rotation is in the file before the answer is out, and no token or secret is ever in it', async (t) => {
  const { path, start } = survivor(t);
  const provider = await start();
  const refreshToken = await provider.grant();
  const pair = await provider.refreshed(refreshToken);

  const file = readFileSync(path, 'utf8');
  assert.match(file, /"type":"rotated"/);
  for (const secret of [
    refreshToken,
    pair.access_token,
    pair.refresh_token,
    CLIENT.client_secret,
    CLIENT.client_id,
  ]) {
    assert.equal(file.includes(secret), false);
  }
});

test('a rotation that cannot be stored is a 500 that spends nothing and keeps the old access token alive', async (t) => {
  let full = false;
  const journal = {
    entries: [],
    append: (record: SandboxRecord) => {
      if (full && record.type === 'rotated') throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    },
  };
  const provider = await runProvider(t, { journal });
  const pair = await provider.refreshed(await provider.grant());

  full = true;
  assert.deepEqual(await refusal(await provider.refresh(pair.refresh_token)), [500, 'server_error']);
  assert.deepEqual(provider.events.at(-1), { type: 'failed', code: 'ENOSPC' });
  full = false;

  assert.equal(await provider.open(pair.access_token), 200);
  assert.equal((await provider.refresh(pair.refresh_token)).status, 200);
});
