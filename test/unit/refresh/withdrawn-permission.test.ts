import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import type { RefreshContext } from '../../../shared/refresh/context.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { ClientSecrets } from '../../../shared/vault/client-secrets.ts';
import { overriding } from '../../support/overriding.ts';
import { anAttempt } from '../../support/records.ts';
import { World } from '../../support/world.ts';

const MINUTES = 30;
const denied = async (): Promise<never> => {
  throw new StoreUnavailableError('denied', { reason: 'AccessDeniedException' });
};

/** What a deployment took from the function: containers are new after it, and hold nothing in memory. */
const WITHDRAWN: readonly [
  what: string,
  without: (container: RefreshContext, world: World) => RefreshContext,
][] = [
  [
    'the seal keys',
    (container) => ({ ...container, sealer: overriding(container.sealer, { ready: denied }) }),
  ],
  [
    'the client secret',
    (container, { secrets, names, clock }) => ({
      ...container,
      clientSecrets: new ClientSecrets(overriding(secrets, { get: denied }), names, clock),
    }),
  ],
];

describe('a permission that a deployment withdrew', () => {
  for (const [what, withdraw] of WITHDRAWN) {
    it(`to read ${what}: no refresh token is spent while it lasts, and the alarm says why`, async () => {
      const world = await runningWorld();
      const posts = world.endpoint.received.length;
      for (let minute = 0; minute < MINUTES; minute += 1) {
        await world.tick(withdraw(world.newContainer(), world));
        await world.clock.advance(60_000);
      }
      assert.equal(world.endpoint.received.length, posts);
      assert.ok(await world.chainLives('acme'));
      const [told] = world.events.accepted.filter(({ type }) => type === 'Credential Misconfigured');
      assert.equal(told?.detail.reason, 'AccessDeniedException');
      assert.match(told?.detail.explanation ?? '', /could not read what it needs to ask \(AccessDenied/);
      assert.match(told?.detail.remedy ?? '', /was there a deployment/);

      await world.ticks(2);
      assert.equal((await world.record('acme')).generation, 2);
    });
  }

  it('is told of although an attempt that had kept its pair was never finished', async () => {
    const world = await runningWorld();
    const withdrawn = { ...world.newContainer(), sealer: overriding(world.sealer, { ready: denied }) };
    // Its process died after keep, and no tick came until the pair was due.
    await applyTransition(world.container, 'acme', (record) => {
      const { attempt: id = '' } = record.pair ?? {};
      const atMs = world.clock.nowMs();
      return { ...record, attempt: { ...anAttempt(atMs), id, generation: 0 } };
    });
    await world.clock.advance(5 * 60_000);
    for (let minute = 0; minute < 10; minute += 1) {
      await world.tick(withdrawn);
      await world.clock.advance(60_000);
    }
    assert.equal(world.events.accepted.at(-1)?.type, 'Credential Misconfigured');
  });

  it("to use the tables' key: nothing is spent, and each tick counts what it could not do", async () => {
    const world = await runningWorld();
    const posts = world.endpoint.received.length;
    world.fault = (store, operation) => (store === 'ledger' && operation !== 'due' ? 'before' : undefined);
    await world.ticks(MINUTES);
    assert.equal(world.endpoint.received.length, posts);
    assert.ok(world.telemetry.total('StoreFailures') >= MINUTES - 3);

    world.fault = () => undefined;
    await world.ticks(2);
    assert.equal((await world.record('acme')).generation, 2);
  });
});

async function runningWorld(): Promise<World> {
  const world = new World();
  await world.seed('acme');
  await world.tick();
  assert.equal((await world.record('acme')).generation, 1);
  return world;
}
