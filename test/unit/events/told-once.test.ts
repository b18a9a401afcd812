import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { World } from '../../support/world.ts';

const HOUR = 60;
const mails = (world: World) => world.events.accepted.filter(({ type }) => type !== 'Token Refreshed');
const typesOf = (world: World) => mails(world).map(({ type }) => type);

/** A provider that is away for 8 of each 20 minutes. */
async function flap(world: World, hours: number): Promise<void> {
  for (let turn = 0; turn < hours * 3; turn += 1) {
    world.endpoint.playAlways({ kind: 'unknown', reason: 'http-503' });
    await world.ticks(8);
    world.endpoint.playAlways(world.provider.answer);
    await world.ticks(12);
  }
}

async function withCredentials(count: number): Promise<World> {
  const world = new World();
  for (let n = 0; n < count; n += 1) await world.seed(`acme-${n}`);
  await world.ticks(15);
  return world;
}

describe('a provider that comes and goes for six hours', () => {
  it('is told twice for twelve credentials: that it fails, and that it is over', async () => {
    const world = await withCredentials(12);
    await flap(world, 6);
    await world.ticks(2 * HOUR);
    assert.deepEqual(typesOf(world), ['Provider Failing', 'Provider Failing']);
    const [failing, over] = mails(world);
    assert.ok(Number(failing?.detail.credentials) >= 3);
    assert.match(
      failing?.detail.explanation ?? '',
      /credentials of bs2 at provider\.example fail together: .*http-503/,
    );
    assert.equal(failing?.detail.runbook, 'docs/operations.md#provider-failing');
    assert.equal(over?.detail.credentials, 0);
  });

  for (const count of [3, 6, 8]) {
    it(`is told twice for ${count}, too`, async () => {
      const world = await withCredentials(count);
      await flap(world, 6);
      await world.ticks(2 * HOUR);
      assert.deepEqual(typesOf(world), ['Provider Failing', 'Provider Failing']);
    });
  }

  it('is told a few times for one credential', async () => {
    const world = await withCredentials(1);
    await flap(world, 6);
    await world.ticks(3 * HOUR);
    assert.deepEqual(typesOf(world), [
      'Refresh Failing',
      'Credential Recovered',
      'Refresh Failing',
      'Credential Recovered',
    ]);
  });
});

describe('credentials of one provider that fail together', () => {
  it('are one alert with their number, and none that is well is counted', async () => {
    const world = await withCredentials(5);
    await world.seed('elsewhere', { tokenUrl: 'https://other.example/token', quota: undefined });
    const away = { kind: 'unknown', reason: 'http-503' } as const;
    world.endpoint.playAlways((request) =>
      request.tokenUrl.includes('other') ? world.provider.answer(request) : away,
    );
    await world.ticks(30);
    assert.deepEqual(typesOf(world), ['Provider Failing']);
    assert.equal(mails(world)[0]?.detail.credentials, 5);
  });

  it('are told by themselves when they are two', async () => {
    const world = await withCredentials(2);
    world.endpoint.playAlways({ kind: 'not-sent', reason: 'ENOTFOUND' });
    await world.ticks(30);
    assert.deepEqual(typesOf(world), ['Refresh Failing', 'Refresh Failing']);
  });

  it('leave behind one that goes on failing, which is told by itself then', async () => {
    const world = await withCredentials(4);
    world.endpoint.playAlways({ kind: 'unknown', reason: 'http-503' });
    await world.ticks(20);
    const stuck = (await world.record('acme-0')).pair;
    const token = stuck && (await world.sealer.refreshToken('acme-0', stuck))?.reveal();
    world.endpoint.playAlways((request) =>
      request.refreshToken?.reveal() === token
        ? { kind: 'unknown', reason: 'http-500' }
        : world.provider.answer(request),
    );
    await world.ticks(2 * HOUR);
    assert.deepEqual(typesOf(world).slice(0, 1), ['Provider Failing']);
    const own = mails(world).filter(({ type }) => type === 'Refresh Failing');
    assert.deepEqual(
      own.map(({ detail }) => detail.credential),
      ['acme-0'],
    );
    assert.equal(typesOf(world).filter((type) => type === 'Provider Failing').length, 2);
  });

  it('wait for a bus that is away, and are one alert when it is back', async () => {
    const world = await withCredentials(6);
    world.endpoint.playAlways({ kind: 'not-sent', reason: 'ENOTFOUND' });
    world.events.refusing = true;
    await world.ticks(20);
    world.events.refusing = false;
    await world.ticks(5);
    assert.deepEqual(typesOf(world), ['Provider Failing']);
  });
});

describe('a vault that takes no tokens', () => {
  const takesNone = (world: World, ids: RegExp = /./) => {
    world.fault = (store, operation, name) =>
      store === 'vault' && operation === 'put' && name.includes('/token/') && ids.test(name)
        ? 'before'
        : undefined;
  };

  it('is told twice for nine credentials, with their number: that it takes none, and that it does again', async () => {
    const world = await withCredentials(9);
    takesNone(world);
    await world.ticks(45);
    assert.deepEqual(typesOf(world), ['Token Unpublished']);
    const [told] = mails(world);
    assert.equal(told?.detail.credential, '*');
    assert.ok(Number(told?.detail.credentials) >= 3, String(told?.detail.credentials));
    assert.match(told?.detail.explanation ?? '', /^\d+ credentials are refreshed, .*store-unavailable/);
    assert.ok(told?.detail.outlook && told.detail.remedy && told.detail.runbook);
    world.fault = () => undefined;
    await world.ticks(HOUR);
    assert.deepEqual(typesOf(world), ['Token Unpublished', 'Credential Recovered']);
    assert.equal(mails(world)[1]?.detail.credential, '*');
  });

  it('leaves behind one that it goes on refusing, which is told by itself then', async () => {
    const world = await withCredentials(5);
    takesNone(world);
    await world.ticks(20);
    takesNone(world, /acme-0\//);
    await world.ticks(2 * HOUR);
    const own = mails(world).filter(({ detail }) => detail.credential !== '*');
    assert.deepEqual(
      own.map(({ type, detail }) => [type, detail.credential]),
      [['Token Unpublished', 'acme-0']],
    );
  });

  it('is told for each when they are two', async () => {
    const world = await withCredentials(2);
    takesNone(world);
    await world.ticks(30);
    assert.deepEqual(typesOf(world), ['Token Unpublished', 'Token Unpublished']);
  });

  it('is told when the bus is back that was away too', async () => {
    const world = await withCredentials(6);
    takesNone(world);
    world.events.refusing = true;
    await world.ticks(20);
    world.events.refusing = false;
    await world.ticks(6);
    assert.deepEqual(typesOf(world), ['Token Unpublished']);
  });
});

describe('a trouble that becomes another', () => {
  it('is told once in each kind, however often it changes', async () => {
    const world = await withCredentials(1);
    for (let turn = 0; turn < 20; turn += 1) {
      world.endpoint.playAlways({ kind: 'refused-client', reason: 'invalid_client' });
      await world.refresh('acme-0', { force: true });
      await world.ticks(1);
      world.endpoint.playAlways({ kind: 'not-sent', reason: 'ECONNREFUSED' });
      await world.refresh('acme-0', { force: true });
      await world.ticks(1);
    }
    assert.deepEqual(typesOf(world).toSorted(), ['Credential Misconfigured', 'Refresh Failing']);
  });
});
