import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EventsRefusedError } from '../../../shared/events/event-publisher.ts';
import type { RefreshContext } from '../../../shared/refresh/context.ts';
import { amount } from '../../runner/amount.ts';
import { World } from '../../support/world.ts';

const LIFE_MS = 300_000;
const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}`);

/** One tick a minute of a container that is not the world's own. */
async function ticksOf(world: World, container: RefreshContext, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    const startMs = world.clock.monotonicMs();
    await world.tick(container);
    await world.clock.advance(Math.max(0, 60_000 - (world.clock.monotonicMs() - startMs)));
  }
}

describe('a fresh token does not expire', () => {
  it('behind a bus that hangs, however much there is to tell', async () => {
    const world = new World();
    const others = names('idle', 150);
    for (const id of others) await world.seed(id, { mode: 'on-demand', publish: 'none', quota: undefined });
    world.events.refusing = true;
    await world.ticks(4);
    await world.seed('acme', { publish: 'none', quota: undefined });
    const hanging = async () => {
      await world.clock.sleep(7500);
      throw new EventsRefusedError('Refused after a while.');
    };
    const startMs = world.clock.nowMs();
    await world.tick({ ...world.newContainer(), events: { publish: hanging } });
    const { pair } = await world.record('acme');
    assert.ok(pair && pair.issuedAtMs < startMs + 2000, 'posted in the first moments of the tick');
  });

  it('behind a provider that hangs, whatever it has to do', async () => {
    const world = new World();
    const slowUrl = 'https://hangs.example/token';
    const slow = { publish: 'none', quota: undefined, tokenUrl: slowUrl } as const;
    for (const id of names('slow', 200)) await world.seed(id, slow);
    const fresh = names('acme', 5);
    for (const id of fresh) await world.seed(id, { publish: 'none', quota: undefined });
    const renewedAtMs = new Map<string, number[]>();
    const container = world.newContainer();
    const post: RefreshContext['tokenEndpoint']['post'] = async (request, limits) => {
      if (request.tokenUrl === slowUrl) await world.clock.sleep(39_000);
      return world.endpoint.post(request, limits);
    };
    const minutes = amount({ test: 12, prove: 30 });
    for (let minute = 0; minute < minutes; minute += 1) {
      await ticksOf(world, { ...container, tokenEndpoint: { post } }, 1);
      for (const id of fresh) {
        const { pair } = await world.record(id);
        const known = renewedAtMs.get(id) ?? [];
        if (pair?.sealedAccess && known.at(-1) !== pair.issuedAtMs) known.push(pair.issuedAtMs);
        renewedAtMs.set(id, known);
      }
    }
    for (const id of fresh) {
      const times = renewedAtMs.get(id) ?? [];
      assert.ok(times.length >= minutes / 5, `${id} was renewed ${times.length} times`);
      const longestMs = Math.max(...times.slice(1).map((atMs, n) => atMs - (times[n] ?? 0)));
      assert.ok(longestMs < LIFE_MS, `${id} waited for ${longestMs} ms`);
    }
  });

  it('behind readers whose every token is refused', async () => {
    const world = new World();
    const [bad, good] = [names('bad', 20), names('good', 20)];
    for (const id of [...bad, ...good]) await world.seed(id, { publish: 'none' });
    await world.ticks(8);
    const untilMs = world.clock.nowMs() + amount({ test: 25, prove: 240 }) * 60_000;
    while (world.clock.nowMs() < untilMs) {
      for (const id of bad) {
        const { generation } = await world.record(id);
        await world.refresh(id, { ifGeneration: generation, refused: true });
      }
      await world.ticks(1);
      for (const id of good) {
        const { pair } = await world.record(id);
        assert.ok(pair && pair.expiresAtMs > world.clock.nowMs(), `${id} has expired`);
      }
    }
    const told = world.events.accepted.filter(({ type }) => type === 'Token Reported Refused');
    assert.ok(told.length <= bad.length, `${told.length} alerts of ${bad.length}`);
  });
});
