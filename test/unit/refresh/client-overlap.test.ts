// Two client secrets that overlap: a change costs no refresh, whichever the provider takes at the moment.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { World } from '../../support/world.ts';

/** A provider that takes these client secrets, and a credential whose own is `fake-secret`. */
async function overlapping() {
  const world = new World();
  const taken = new Set(['fake-secret']);
  world.endpoint.playAlways((request) =>
    taken.has(request.client.clientSecret?.reveal() ?? '')
      ? world.provider.answer(request)
      : { kind: 'refused-client', reason: 'invalid_client' },
  );
  await world.seed('acme');
  await world.refresh('acme');
  const change = (client_secret: string) =>
    world.container.clientSecrets.update({ credential: 'acme' }, { client_secret });
  const refresh = async () => (await world.refresh('acme', { force: true })).result;
  const stored = () => world.container.clientSecrets.stored({ credential: 'acme' });
  const tried = () => world.endpoint.received.map(({ request }) => request.client.clientSecret?.reveal());
  return { world, taken, change, refresh, stored, tried };
}

describe('a client secret that takes the place of another', () => {
  it('which the provider knows already is used, and the old one is forgotten', async () => {
    const { taken, change, refresh, stored, tried } = await overlapping();
    taken.add('fake-secret-2');
    await change('fake-secret-2');
    assert.equal((await stored()).previous?.client_secret, 'fake-secret');
    assert.equal(await refresh(), 'refreshed');
    assert.deepEqual(await stored(), { client_id: 'fake-id', client_secret: 'fake-secret-2' });
    assert.deepEqual(tried(), ['fake-secret', 'fake-secret-2']);
  });

  it('which the provider does not know yet costs no refresh: the old one is used until it does', async () => {
    const { world, taken, change, refresh, stored, tried } = await overlapping();
    await change('fake-secret-2');
    assert.equal(await refresh(), 'refreshed');
    assert.equal((await world.record('acme')).failure, undefined);
    assert.equal(await refresh(), 'refreshed');
    assert.deepEqual(tried(), ['fake-secret', 'fake-secret-2', 'fake-secret', 'fake-secret']);
    assert.notEqual((await stored()).previous, undefined);

    taken.delete('fake-secret');
    taken.add('fake-secret-2');
    await world.clock.advance(2 * 60_000);
    assert.equal(await refresh(), 'refreshed');
    assert.equal((await stored()).previous, undefined);
  });

  it('which the provider goes on to refuse is told once, after a quarter of an hour, and no more when it is taken', async () => {
    const { world, taken, change, refresh } = await overlapping();
    const told = () => world.events.accepted.filter(({ type }) => type === 'Credential Misconfigured');
    await change('fake-secret-2');
    assert.equal(await refresh(), 'refreshed');
    const refusedAtMs = (await world.record('acme')).clientRefusedAtMs;
    assert.notEqual(refusedAtMs, undefined);
    await world.ticks(13);
    assert.deepEqual(told(), []);
    await world.ticks(20);
    const [{ detail } = assert.fail('it is not told')] = told();
    assert.equal(told().length, 1);
    assert.match(detail.explanation, /refuses the new client secret of acme; the one before it is used/);
    assert.deepEqual(detail.command, { name: 'update', id: 'acme', flags: ['--client'] });
    assert.deepEqual([detail.reason, detail.failing_since], [undefined, undefined]);
    assert.equal((await world.record('acme')).clientRefusedAtMs, refusedAtMs);

    taken.add('fake-secret-2');
    await world.ticks(15);
    assert.equal((await world.record('acme')).clientRefusedAtMs, undefined);
  });

  it('is tried again after a while, though the old one is still taken', async () => {
    const { world, taken, change, refresh, stored } = await overlapping();
    await change('fake-secret-2');
    await refresh();
    taken.add('fake-secret-2');
    await world.clock.advance(11 * 60_000);
    assert.equal(await refresh(), 'refreshed');
    assert.equal((await stored()).previous, undefined);
  });

  it('and that is refused as the old one is too is told as misconfigured', async () => {
    const { world, taken, change, refresh } = await overlapping();
    taken.clear();
    await change('fake-secret-2');
    assert.equal(await refresh(), 'failed');
    assert.equal((await world.record('acme')).failure?.outcome, 'refused-client');
  });

  it('that is changed twice keeps the one that was accepted', async () => {
    const { change, stored, refresh } = await overlapping();
    await change('fake-secret-2');
    await change('fake-secret-3');
    assert.equal((await stored()).previous?.client_secret, 'fake-secret');
    assert.equal(await refresh(), 'refreshed');
    await change('fake-secret');
    assert.equal((await stored()).previous, undefined);
  });

  it('shows in no other container as a failure', async () => {
    const { world, taken, change } = await overlapping();
    const other = world.newContainer();
    await world.refresh('acme', { force: true }, other);
    await change('fake-secret-2');
    taken.delete('fake-secret');
    taken.add('fake-secret-2');
    assert.equal((await world.refresh('acme', { force: true }, other)).result, 'refreshed');
  });
});
