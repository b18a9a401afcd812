import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import type { RenovaEvent } from '../../../shared/events/event-publisher.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { anAttempt } from '../../support/records.ts';
import { World } from '../../support/world.ts';

const TICK_MS = 60_000;
const told = (world: World, type: RenovaEvent['type']) =>
  world.events.accepted.filter((event) => event.type === type);

/** Ticks until an event of this type is told, for so many minutes at most; the minutes it took. */
async function minutesUntil(world: World, type: RenovaEvent['type'], most: number): Promise<number> {
  for (let minute = 0; minute <= most; minute += 1) {
    if (told(world, type).length > 0) return minute;
    await world.ticks(1);
  }
  return assert.fail(`no ${type} in ${most} minutes`);
}

describe('a fresh token that is not renewed is told within two ticks of its end', () => {
  it('when no permit comes for an hour', async () => {
    const world = new World();
    await world.seed('acme', { quota: { key: 'tight', limit: 1, windowMs: 60 * TICK_MS } });
    await world.tick();
    const { pair } = await world.record('acme');
    await minutesUntil(world, 'Refresh Failing', 10);
    const [event] = told(world, 'Refresh Failing');
    const lateMs = Date.parse(event?.detail.at ?? '') - (pair?.expiresAtMs ?? 0);
    assert.ok(lateMs <= 2 * TICK_MS, `${lateMs} ms late`);
    assert.match(event?.detail.explanation ?? '', /^The access token of acme has expired, .* its quota/);
    assert.match(event?.detail.outlook ?? '', /^Readers have had no token since /);
    await world.ticks(30);
    assert.equal(told(world, 'Refresh Failing').length, 1, 'once');
    await world.ticks(35);
    assert.equal(told(world, 'Credential Recovered').length, 1);
  });

  it('when every attempt dies without a trace', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    const { pair } = await world.record('acme');
    for (let minute = 0; minute < 8; minute += 1) {
      // Its lease ends moments later; what it came to may still be found.
      const attempt = anAttempt(world.clock.nowMs() - world.timing.leaseMs + 5000);
      await applyTransition(world.container, 'acme', (record) => ({ ...record, attempt }));
      await world.ticks(1);
    }
    const lateMs = Date.parse(told(world, 'Refresh Failing')[0]?.detail.at ?? '') - (pair?.expiresAtMs ?? 0);
    assert.ok(lateMs <= 2 * TICK_MS, `${lateMs} ms late`);
  });

  it('when the ledger does not take a write of it, once', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    world.fault = (store, operation) => (store === 'ledger' && operation === 'save' ? 'before' : undefined);
    assert.ok((await minutesUntil(world, 'Refresh Failing', 10)) <= 8);
    await world.ticks(20);
    assert.equal(told(world, 'Refresh Failing').length, 1);
  });

  it('when nothing but the inventory can find it', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    const record = await world.record('acme');
    await world.ledger.save({
      ...record,
      dueAtMs: undefined,
      revision: record.revision + 1,
      writer: 'a-hand',
    });
    await world.ticks(8);
    const { pair, generation } = await world.record('acme');
    assert.ok(generation > 1 && (pair?.expiresAtMs ?? 0) > world.clock.nowMs(), 'it is renewed again');
  });

  it('and not when a token is renewed moments after its end', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    const { pair, quota } = await world.record('acme');
    await world.container.quota.close(quota, (pair?.expiresAtMs ?? 0) + 20_000);
    await world.ticks(10);
    assert.deepEqual(told(world, 'Refresh Failing'), []);
  });
});

describe('a credential that never had a token', () => {
  it('is told once when its first refreshes fail, and nobody is said to read it', async () => {
    const world = new World();
    await world.seed('acme');
    world.endpoint.play({ kind: 'refused', reason: 'http-403' });
    world.endpoint.playAlways({ kind: 'refused-client', reason: 'invalid_client' });
    await world.ticks(10);
    const types = world.events.accepted.map(({ type }) => type);
    assert.deepEqual(types, ['Credential Misconfigured']);
    assert.match(
      world.events.accepted[0]?.detail.outlook ?? '',
      /^It has no token yet, so it has no readers/,
    );
  });
});

describe('a pair that waits for its lane', () => {
  it('is told after two ticks, once, with why; and when it is published', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    world.fault = (store, operation, name) =>
      store === 'vault' && operation === 'put' && name.includes('/token/') ? 'before' : undefined;
    const { generation } = await world.record('acme');
    while ((await world.record('acme')).generation === generation) await world.ticks(1);
    const pendingMs = (await world.record('acme')).pair?.issuedAtMs ?? 0;
    await minutesUntil(world, 'Token Unpublished', 5);
    const [event] = told(world, 'Token Unpublished');
    const lateMs = Date.parse(event?.detail.at ?? '') - pendingMs;
    assert.ok(lateMs >= 2 * TICK_MS && lateMs <= 3 * TICK_MS, `${lateMs} ms`);
    assert.match(event?.detail.explanation ?? '', /store-unavailable/);
    await world.ticks(120);
    assert.equal(told(world, 'Token Unpublished').length, 1);
    assert.ok(world.telemetry.total('PublishFailures') > 20);
    assert.equal(world.telemetry.values('UnpublishedCredentials').at(-1), 1);
    world.fault = () => undefined;
    await world.ticks(3);
    assert.equal(told(world, 'Credential Recovered').length, 1);
    await world.ticks(5);
    assert.equal(world.telemetry.values('UnpublishedCredentials').at(-1), 0);
  });

  it('is not told when a tick repairs it', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    let left = 2;
    world.fault = (store, operation, name) =>
      store === 'vault' && operation === 'put' && name.includes('/token/') && left-- > 0
        ? 'before'
        : undefined;
    await world.ticks(10);
    assert.deepEqual(told(world, 'Token Unpublished'), []);
  });
});

describe('an access token that no header can carry', () => {
  it('is told, as soon as it is there, and when a good one has come', async () => {
    const world = new World();
    await world.seed('acme');
    world.endpoint.playAlways((request) => {
      const outcome = world.provider.answer(request);
      if (outcome.kind !== 'success') return outcome;
      const accessToken = new Secret(`${outcome.response.accessToken.reveal()}\u001b[31m`);
      return { ...outcome, response: { ...outcome.response, accessToken } };
    });
    await world.ticks(10);
    const [event, ...others] = told(world, 'Credential Misconfigured');
    assert.deepEqual(others, []);
    assert.equal(event?.detail.reason, 'unprintable-access-token');
    assert.match(event?.detail.explanation ?? '', /RFC 6749, appendix A\.12/);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(4);
    assert.equal(told(world, 'Credential Recovered').length, 1);
  });
});

describe('a bus that takes nothing', () => {
  it('is counted, and what was to be told is told when it is back', async () => {
    const world = new World();
    await world.seed('acme');
    await world.tick();
    world.events.refusing = true;
    await world.ticks(5);
    assert.ok(world.telemetry.total('EventsRefused') >= 2);
    world.events.refusing = false;
    await world.ticks(1);
    assert.equal(world.events.accepted.at(-1)?.type, 'Token Refreshed');
  });
});

describe('the end of a client secret', () => {
  it('is told 30, 14, 7 and 1 days before, each once', async () => {
    const world = new World();
    const day = 24 * 60 * TICK_MS;
    await world.seed('acme', { mode: 'on-demand', publish: 'none' });
    await world.tick();
    const endMs = world.clock.nowMs() + 31 * day;
    await applyTransition(world.container, 'acme', (record) => ({ ...record, clientExpiresAtMs: endMs }));
    for (const daysLeft of [30, 14, 7, 1]) {
      await world.clock.advance(endMs - daysLeft * day - world.clock.nowMs() - TICK_MS);
      await world.ticks(3);
    }
    const warned = told(world, 'Client Secret Expiring');
    assert.deepEqual(
      warned.map(({ detail }) => detail.days_left),
      [30, 14, 7, 1],
    );
    assert.deepEqual(warned[0]?.detail.command, { name: 'update', id: 'acme', flags: ['--client'] });
  });
});
