import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { World } from '../../support/world.ts';

const DAY_MS = 24 * 3_600_000;
const mails = (world: World) => world.events.accepted.filter(({ type }) => type !== 'Token Refreshed');

/** Credentials of one app, and one beside them with a client of its own; all of it as registered. */
async function withApp(change: (world: World) => Partial<CredentialRecord>): Promise<World> {
  const world = new World({ lifeSeconds: 3 * 3600 });
  for (const credential of ['acme-0', 'acme-1', 'acme-2', 'acme-3', 'own']) {
    await world.seed(credential, { quota: undefined });
  }
  await world.ticks(6);
  for (const credential of ['acme-0', 'acme-1', 'acme-2', 'acme-3']) {
    await set(world, credential, { app: 'erp', ...change(world) });
  }
  return world;
}

function set(world: World, credential: string, change: Partial<CredentialRecord>) {
  return applyTransition(world.container, credential, (record) => ({ ...record, ...change }));
}

describe('the client of an app', () => {
  it('is told to end once for all of its credentials, at each threshold', async () => {
    const world = await withApp(({ clock }) => ({ clientExpiresAtMs: clock.nowMs() + 8 * DAY_MS }));
    await world.ticks(20);
    const [first, ...others] = mails(world);
    assert.equal(others.length, 0, 'of several thresholds at once the last');
    assert.equal(first?.type, 'Client Secret Expiring');
    assert.deepEqual(
      [first?.detail.credential, first?.detail.app, first?.detail.days_left],
      ['*', 'erp', 14],
    );
    assert.match(first?.detail.remedy ?? '', /renova app put erp --env prd/);
    assert.ok(first?.detail.outlook && first.detail.runbook);

    await world.clock.advance(DAY_MS);
    await world.ticks(20);
    const told = mails(world).filter(({ type }) => type === 'Client Secret Expiring');
    assert.deepEqual(
      told.map(({ detail }) => detail.days_left),
      [14, 7],
    );
  });

  it('is told anew when it has another end', async () => {
    const world = await withApp(({ clock }) => ({ clientExpiresAtMs: clock.nowMs() + 6 * DAY_MS }));
    await world.ticks(10);
    for (const credential of ['acme-0', 'acme-1', 'acme-2', 'acme-3']) {
      await set(world, credential, { clientExpiresAtMs: world.clock.nowMs() + 29 * DAY_MS });
    }
    await world.ticks(10);
    assert.deepEqual(
      mails(world).map(({ detail }) => detail.days_left),
      [7, 30],
    );
  });

  it('is told once to be refused, when it has been for a quarter of an hour', async () => {
    const world = await withApp(({ clock }) => ({ clientRefusedAtMs: clock.nowMs() }));
    await world.ticks(12);
    assert.deepEqual(mails(world), []);
    await world.ticks(60);
    const told = mails(world).filter(({ type }) => type === 'Credential Misconfigured');
    assert.equal(told.length, 1);
    assert.match(told[0]?.detail.explanation ?? '', /new client secret of the app erp/);
  });

  it('is told when the bus is back that was away', async () => {
    const world = await withApp(({ clock }) => ({ clientExpiresAtMs: clock.nowMs() + DAY_MS / 2 }));
    world.events.refusing = true;
    await world.ticks(10);
    world.events.refusing = false;
    await world.ticks(10);
    assert.deepEqual(
      mails(world).map(({ type, detail }) => [type, detail.days_left]),
      [['Client Secret Expiring', 1]],
    );
  });
});
