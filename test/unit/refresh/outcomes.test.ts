import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import { World } from '../../support/world.ts';

async function after(outcome: Outcome): Promise<World> {
  const world = new World();
  await world.seed('acme');
  world.endpoint.play(outcome);
  await world.refresh('acme');
  return world;
}

describe('what follows from an outcome', () => {
  it('not sent: the same token is posted again soon, without doubt', async () => {
    const world = await after({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    const record = await world.record('acme');
    assert.deepEqual(
      [record.doubt?.sinceMs, record.failure?.outcome, record.attempt],
      [undefined, 'not-sent', undefined],
    );
    assert.equal(record.refreshAtMs - world.clock.nowMs(), world.timing.soonMs);
  });

  it('not sent: the next post is made within the same tick', async () => {
    const world = new World();
    await world.seed('acme');
    world.endpoint.play({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    assert.deepEqual((await world.tick()).results, { failed: 1, refreshed: 1 });
  });

  it('unknown: the same token is posted again, but not before the quiet time of the provider is over', async () => {
    const world = await after({ kind: 'unknown', reason: 'ECONNRESET' });
    const startedAtMs = world.clock.nowMs();
    const { doubt, refreshAtMs } = await world.record('acme');
    assert.notEqual(doubt?.sinceMs, undefined);
    assert.equal(
      refreshAtMs,
      doubt?.quietUntilMs,
      'due when the quiet time ends, though a back-off is over sooner',
    );
    await world.clock.advance(world.timing.providerQuietMs - 1);
    assert.equal((await world.refresh('acme', { force: true })).result, 'waiting');
    await world.clock.advance(1);
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    assert.equal((await world.record('acme')).doubt?.sinceMs, undefined);
    assert.equal((await world.record('acme')).failure, undefined);
    assert.ok(world.clock.nowMs() - startedAtMs >= world.timing.providerQuietMs);
  });

  it('throttled: the whole quota is closed for as long as the provider asks', async () => {
    const world = await after({ kind: 'throttled', retryAfterSeconds: 40 });
    await world.seed('other');
    assert.equal((await world.refresh('other')).result, 'no-permit');
    await world.clock.advance((await world.record('acme')).refreshAtMs - world.clock.nowMs() - 1);
    assert.equal((await world.refresh('acme')).result, 'nothing');
    await world.clock.advance(1);
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    assert.equal((await world.refresh('other')).result, 'refreshed');
  });

  it('throttled: the quota is closed before the attempt is over, so that no forced refresh comes between', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    const saved: string[] = [];
    world.fault = (store, operation) => {
      if (operation === 'save' && store !== 'timestamps') saved.push(store);
      return undefined;
    };
    world.endpoint.play({ kind: 'throttled', retryAfterSeconds: 40 });
    await world.refresh('acme', { force: true });
    assert.deepEqual(
      saved,
      ['quota', 'ledger', 'quota', 'quota', 'ledger'],
      'permit, begin, settle, close, note',
    );
  });

  it('throttled for hours: asks once more after a window, and is well when that is served', async () => {
    const world = await after({ kind: 'throttled', retryAfterSeconds: 3600 });
    await world.ticks(2);
    assert.deepEqual([world.endpoint.received.length, (await world.record('acme')).generation], [2, 1]);
  });

  it('throttled once for a quarter of an hour: 44 credentials are asked for again after a window', async () => {
    const world = new World();
    const ids = Array.from({ length: 44 }, (_, index) => `acme-${index}`);
    for (const id of ids) await world.seed(id);
    await world.ticks(12);
    let isSaid = false;
    world.endpoint.playAlways((request) => {
      if (isSaid) return world.provider.answer(request);
      isSaid = true;
      return { kind: 'throttled', retryAfterSeconds: 900 };
    });
    await world.ticks(1);
    assert.ok(isSaid);
    await world.ticks(7);
    for (const id of ids) {
      const { pair, failure } = await world.record(id);
      assert.equal(failure, undefined, id);
      assert.ok((pair?.expiresAtMs ?? 0) > world.clock.nowMs(), `${id} has no living token`);
    }
  });

  it('throttled while the quota cannot be closed: noted all the same, and nothing is in doubt', async () => {
    const world = new World();
    await world.seed('acme');
    let isAway = false;
    world.fault = (store) => (store === 'quota' && isAway ? 'before' : undefined);
    world.endpoint.play(() => {
      isAway = true;
      return { kind: 'throttled', retryAfterSeconds: 10 };
    });
    await world.drive(world.refresh('acme'));
    const { attempt, doubt, failure, refreshAtMs } = await world.record('acme');
    assert.deepEqual([attempt, doubt, failure?.outcome], [undefined, undefined, 'throttled']);
    assert.ok(refreshAtMs - world.clock.nowMs() <= world.timing.tickMs);
  });

  it('throttled for hours, and again when asked once more: nobody asks before the stated end', async () => {
    const world = await after({ kind: 'throttled', retryAfterSeconds: 3600 });
    world.endpoint.playAlways({ kind: 'throttled', retryAfterSeconds: 3600 });
    await world.ticks(60);
    assert.equal(world.endpoint.received.length, 2);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(4);
    assert.equal((await world.record('acme')).generation, 1);
  });

  it('throttled without a pause: backs off all the same', async () => {
    const world = await after({ kind: 'throttled', retryAfterSeconds: 0 });
    world.endpoint.playAlways({ kind: 'throttled', retryAfterSeconds: 0 });
    await world.ticks(30);
    assert.ok(world.endpoint.received.length <= 10, `${world.endpoint.received.length} posts`);
  });

  it('refused grant of what was just typed: lapses at once, and posts again only when an operator insists', async () => {
    const world = await after({ kind: 'refused-grant', reason: 'invalid_grant' });
    const record = await world.record('acme');
    assert.deepEqual(
      [record.state, record.lapse?.reason, record.lapse?.afterUnknown],
      ['lapsed', 'grant-refused', false],
    );
    await world.ticks(60);
    assert.equal(world.endpoint.received.length, 1);
    assert.equal((await world.record('acme')).dueAtMs, undefined);
    assert.equal((await world.refresh('acme', { force: true })).result, 'refreshed');
    assert.deepEqual((await world.record('acme')).lapse, undefined);
  });

  it('refused grant: tries a spare of the same chain first', async () => {
    const world = new World();
    await world.seed('acme');
    const [first, second] = [world.newContainer(), world.newContainer()];
    const held = world.endpoint.playHeld((request) => world.provider.answer(request));
    const late = world.refresh('acme', {}, first);
    await held.arrived;
    const spare = await applyTransition(second, 'acme', (record) => ({ ...record, attempt: undefined }));
    assert.ok(spare);
    world.endpoint.play({
      kind: 'success',
      response: {
        accessToken: new Secret('fake-odd'),
        refreshToken: new Secret('fake-odd-refresh'),
        tokenType: 'Bearer',
      },
    });
    assert.equal((await world.refresh('acme', {}, second)).result, 'refreshed');
    held.release();
    await world.drive(late);
    assert.equal((await world.record('acme')).aside.spares.length, 1);

    await world.clock.advance(150_000);
    assert.equal((await world.refresh('acme')).result, 'adopted');
    assert.equal((await world.refresh('acme')).result, 'refreshed');

    const record = await world.record('acme');
    assert.deepEqual([record.state, record.generation, record.aside.spares.length], ['active', 3, 0]);
    assert.ok(await world.chainLives('acme'));
  });

  it('garbled: the answer is sealed and kept, the chain lapses, nothing is posted again', async () => {
    const world = await after({ kind: 'garbled', body: new Secret('{"access_token":"fake-cut') });
    const record = await world.record('acme');
    assert.deepEqual([record.state, record.lapse?.reason], ['lapsed', 'answer-unreadable']);
    assert.ok(record.aside.unreadable);
    assert.ok(!JSON.stringify(record).includes('fake-cut'));
    await world.ticks(30);
    assert.equal(world.endpoint.received.length, 1);
  });

  it('garbled, but with the new refresh token whole: the chain goes on with it, at once', async () => {
    const world = new World();
    await world.seed('acme');
    world.endpoint.play((request) => {
      const outcome = world.provider.answer(request);
      if (outcome.kind !== 'success') return outcome;
      return { kind: 'garbled', body: new Secret('{'), refreshToken: outcome.response.refreshToken };
    });
    assert.deepEqual((await world.tick()).results, { failed: 1, refreshed: 1 });
    const record = await world.record('acme');
    assert.deepEqual([record.state, record.generation, record.publication.lanes], ['active', 2, 12]);
    assert.ok(await world.chainLives('acme'));
    assert.equal((await world.published('acme')).generation, 2);
  });

  it('garbled again and again with a new refresh token: asks with patience, and says that it fails', async () => {
    const world = new World();
    await world.seed('acme');
    world.endpoint.playAlways((request) => {
      const outcome = world.provider.answer(request);
      if (outcome.kind !== 'success') return outcome;
      return { kind: 'garbled', body: new Secret('{'), refreshToken: outcome.response.refreshToken };
    });
    await world.ticks(20);
    assert.ok(world.endpoint.received.length < 12, `${world.endpoint.received.length} posts in 20 minutes`);
    assert.ok(world.events.accepted.some(({ type }) => type === 'Refresh Failing'));
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(16);
    assert.ok(world.provider.accepts(await world.accessToken('acme')));
  });

  it('garbled: nothing is posted again when the ledger goes away after the answer was written down', async () => {
    const world = new World();
    await world.seed('acme');
    world.endpoint.play({ kind: 'garbled', body: new Secret('{"fake') });
    let isAway = false;
    world.fault = (store, operation) => {
      if (store !== 'ledger') return undefined;
      if (isAway) return 'before';
      isAway = operation === 'save' && world.endpoint.received.length > 0;
      return undefined;
    };
    await world.tick().catch(() => undefined);
    world.fault = () => undefined;
    const record = await world.record('acme');
    assert.deepEqual([record.state, record.aside.unreadable?.generation], ['active', record.generation]);

    await world.ticks(5);
    assert.equal(world.endpoint.received.length, 1);
    const { state, lapse } = await world.record('acme');
    assert.deepEqual([state, lapse?.reason], ['lapsed', 'answer-unreadable']);
  });

  it('garbled: the answer is written down even if the ledger fails for a while', async () => {
    const world = new World();
    await world.seed('acme');
    let begun = false;
    let failures = 4;
    world.fault = (store, operation) => {
      if (store !== 'ledger' || operation !== 'save') return undefined;
      if (begun && failures > 0) {
        failures -= 1;
        return 'before';
      }
      begun = true;
      return undefined;
    };
    world.endpoint.play({ kind: 'garbled', body: new Secret('{"fake') });
    assert.equal((await world.refresh('acme')).result, 'lapsed');
    assert.ok((await world.record('acme')).aside.unreadable);
  });

  it('refused without a reason: tries again soon, then with pauses of 15 minutes at most', async () => {
    const world = await after({ kind: 'refused', reason: 'http-403' });
    const retryMs = async () => (await world.record('acme')).refreshAtMs - world.clock.nowMs();
    assert.equal(await retryMs(), world.timing.soonMs);
    world.endpoint.playAlways({ kind: 'refused', reason: 'http-403' });
    for (let times = 0; times < 12; times += 1) {
      await world.refresh('acme', { force: true });
      assert.ok((await retryMs()) <= world.timing.backoffMaxMs);
    }
    assert.equal((await world.record('acme')).failure?.outcome, 'refused');
  });

  it('refused client: tries again within minutes, hourly after five in a row, and keeps the chain', async () => {
    const world = await after({ kind: 'refused-client', reason: 'invalid_client' });
    const retryMs = async () => (await world.record('acme')).refreshAtMs - world.clock.nowMs();
    assert.equal(await retryMs(), world.timing.soonMs);
    world.endpoint.playAlways({ kind: 'refused-client', reason: 'invalid_client' });
    for (let times = 2; times <= 5; times += 1) {
      await world.refresh('acme', { force: true });
      assert.ok((await retryMs()) <= world.timing.backoffMaxMs, `refusal ${times}`);
    }
    await world.refresh('acme', { force: true });
    assert.equal(await retryMs(), world.timing.misconfiguredRetryMs);
    assert.equal((await world.record('acme')).state, 'active');
  });

  it('refused client: posts again at once with a client secret that was changed in the vault', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    await world.clock.advance(150_000);
    world.endpoint.play({ kind: 'refused-client', reason: 'invalid_client' });
    await world.secrets.put(
      world.names.client('acme'),
      renderClient({ client_id: 'fake-id', client_secret: 'fake-new' }),
    );
    assert.deepEqual((await world.tick()).results, { refreshed: 1 });
    assert.equal(world.endpoint.received.at(-1)?.request.client.clientSecret?.reveal(), 'fake-new');
  });

  it('a credential that logs in by itself forgets a refused refresh token and logs in', async () => {
    const world = new World();
    await world.seed('acme', { grant: 'client_credentials', refreshTokenMs: undefined });
    const success = {
      accessToken: new Secret('fake-a'),
      refreshToken: new Secret('fake-r'),
      tokenType: 'Bearer',
    };
    world.endpoint.play({ kind: 'success', response: { ...success, expiresInSeconds: 300 } });
    await world.refresh('acme');
    await world.clock.advance(150_000);
    world.endpoint.play({ kind: 'refused-grant', reason: 'invalid_grant' });
    world.endpoint.play({ kind: 'success', response: { ...success, expiresInSeconds: 300 } });
    await world.tick();
    const grants = world.endpoint.received.map(({ request }) => request.grant);
    assert.deepEqual(grants, ['client_credentials', 'refresh_token', 'client_credentials']);
    assert.equal((await world.record('acme')).generation, 2);
  });

  it('an answer without a refresh token leaves the old one good, and its end where it was', async () => {
    const world = new World();
    await world.seed('acme');
    const seeded = (await world.record('acme')).pair;
    const response = { accessToken: new Secret('fake-a'), tokenType: 'Bearer', expiresInSeconds: 300 };
    world.endpoint.play({ kind: 'success', response });
    await world.clock.advance(1000);
    await world.refresh('acme');
    assert.ok(await world.chainLives('acme'));
    assert.equal((await world.record('acme')).pair?.refreshTokenExpiresAtMs, seeded?.refreshTokenExpiresAtMs);
  });

  it('an answer without expires_in lives as long as the provider says it does by default', async () => {
    const world = new World();
    await world.seed('acme');
    world.endpoint.play({
      kind: 'success',
      response: { accessToken: new Secret('fake-a'), tokenType: 'Bearer' },
    });
    await world.refresh('acme');
    const { pair } = await world.record('acme');
    assert.equal((pair?.expiresAtMs ?? 0) - (pair?.issuedAtMs ?? 0), 300_000);
  });
});

describe('an outage of the provider', () => {
  it('of 47 hours leaves the chain alive', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    world.endpoint.playAlways({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    await world.ticks(47 * 60);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(16);
    assert.ok((await world.record('acme')).generation >= 2);
    assert.ok(await world.chainLives('acme'));
  });

  it('of 49 hours ends nothing by itself: the token is posted when the provider is back, and it decides', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    world.endpoint.playAlways({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    await world.ticks(49 * 60);
    assert.equal((await world.record('acme')).state, 'active');
    world.endpoint.playAlways({ kind: 'refused-grant', reason: 'invalid_grant' });
    await world.ticks(19);
    const { state, lapse } = await world.record('acme');
    assert.deepEqual([state, lapse?.reason], ['lapsed', 'refresh-token-expired']);
  });
});
