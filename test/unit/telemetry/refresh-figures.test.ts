import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CountName } from '../../../shared/config/metrics.ts';
import { recoverChain } from '../../../shared/refresh/recovery/recover-chain.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import { crashAfterBegin } from '../../support/crash.ts';
import { MemoryLedger } from '../../support/fakes/memory-ledger.ts';
import { failing, World } from '../../support/world.ts';

async function seeded(): Promise<World> {
  const world = new World();
  await world.seed('acme');
  return world;
}

/** Fails keep, and finish, of an attempt: its pair is in the rescue secret alone. */
async function losesKeep(world: World): Promise<void> {
  let saves = 0;
  world.fault = (store, operation) =>
    store === 'ledger' && operation === 'save' && ++saves > 1 ? 'before' : undefined;
  await world.refresh('acme');
  world.fault = () => undefined;
}

describe('the figures of token requests', () => {
  const outcomes: readonly [CountName, Outcome | undefined][] = [
    ['RefreshesSucceeded', undefined],
    ['RefreshesNotSent', { kind: 'not-sent', reason: 'ECONNREFUSED' }],
    ['RefreshesThrottled', { kind: 'throttled' }],
    ['RefreshesUnknown', { kind: 'unknown', reason: 'ECONNRESET' }],
    ['RefreshesGarbled', { kind: 'garbled', body: new Secret('fake-body') }],
    ['RefreshesRefusedGrant', { kind: 'refused-grant', reason: 'invalid_grant' }],
    ['RefreshesRefusedClient', { kind: 'refused-client', reason: 'invalid_client' }],
  ];
  for (const [name, outcome] of outcomes) {
    it(`count ${outcome?.kind ?? 'success'} as ${name}, and as nothing else`, async () => {
      const world = await seeded();
      if (outcome) world.endpoint.play(outcome);
      await world.refresh('acme');
      for (const [other] of outcomes)
        assert.equal(world.telemetry.total(other), other === name ? 1 : 0, other);
      const latencies = world.telemetry.values('ProviderLatency').length;
      assert.equal(latencies, outcome?.kind === 'not-sent' ? 0 : 1);
    });
  }

  it('measure the provider from sending to its answer', async () => {
    const world = await seeded();
    world.endpoint.play(async (request) => {
      await world.clock.sleep(1250);
      return world.provider.answer(request);
    });
    await world.refresh('acme');
    assert.deepEqual(world.telemetry.values('ProviderLatency'), [1250]);
  });
});

describe('the figures of repairs', () => {
  it('are nothing after a refresh without a fault', async () => {
    const world = await seeded();
    await world.ticks(10);
    for (const name of ['PublishRepairs', 'Adoptions', 'UnresolvedAttempts'] as const) {
      assert.equal(world.telemetry.total(name), 0, name);
    }
  });

  it('count a publish that a later run made up for', async () => {
    const world = await seeded();
    world.fault = failing('vault', 'put', 'before', 1, '/token/');
    assert.equal((await world.refresh('acme')).result, 'unpublished');
    assert.equal(world.telemetry.total('PublishRepairs'), 0);
    await world.clock.advance(60_000);
    assert.equal((await world.refresh('acme')).result, 'published');
    assert.equal(world.telemetry.total('PublishRepairs'), 1);
  });

  it('count no publish of what is never published', async () => {
    const world = new World();
    await world.seed('acme', { publish: 'none' });
    let saves = 0;
    world.fault = (store, operation) =>
      store === 'ledger' && operation === 'save' && ++saves === 3 ? 'before' : undefined;
    await world.refresh('acme');
    await world.clock.advance(world.timing.leaseMs);
    assert.equal((await world.refresh('acme')).result, 'published');
    assert.equal(world.telemetry.total('PublishRepairs'), 0);
  });

  it('count an attempt without a trace once, when its absence is believed', async () => {
    const world = await seeded();
    await crashAfterBegin(world, 'acme');
    await world.clock.advance(world.timing.leaseMs);
    assert.equal((await world.refresh('acme')).result, 'waiting');
    assert.equal(world.telemetry.total('UnresolvedAttempts'), 0);
    await world.clock.advance(world.timing.quietMs);
    assert.equal((await world.refresh('acme')).result, 'refreshed');
    assert.equal(world.telemetry.total('UnresolvedAttempts'), 1);
    assert.equal(world.telemetry.total('Adoptions'), 0);
  });

  it('count an attempt whose pair is adopted from the rescue secret, and the adoption', async () => {
    const world = await seeded();
    await losesKeep(world);
    await world.clock.advance(world.timing.leaseMs);
    assert.equal((await world.refresh('acme')).result, 'adopted');
    assert.equal(world.telemetry.total('UnresolvedAttempts'), 1);
    assert.equal(world.telemetry.total('Adoptions'), 1);
  });

  it('count what a recovery takes from the vault, and no recovery that found nothing', async () => {
    const world = await seeded();
    await world.ticks(1);
    const items = world.ledger.items();
    await world.ticks(10);
    assert.equal((await recoverChain(world.container, 'acme')).result, 'up-to-date');
    assert.equal(world.telemetry.total('Adoptions'), 0);
    const restored = { ...world.newContainer(), ledger: new MemoryLedger({ items }) };
    assert.equal((await recoverChain(restored, 'acme')).result, 'recovered');
    assert.equal(world.telemetry.total('Adoptions'), 1);
  });
});
