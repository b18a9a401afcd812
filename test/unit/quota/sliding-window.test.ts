import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isGranted, limitOf, MARGIN_MS, permitOf, QuotaWorld, WINDOW_MS } from './quota-world.ts';

const ANSWER_MS = 39_000;
const HALF_MARGIN_MS = MARGIN_MS / 2;

interface Sender {
  readonly startMs: number;
  /** The container that it is sent from: one of a few, each with a clock of its own. */
  readonly home: number;
  readonly priority: 'scheduled' | 'reader' | 'urgent';
  /** From the grant to the provider, and from there back. */
  readonly thereMs: number;
  readonly backMs: number;
  /** It leaves a stamp when all is over: so much later. */
  readonly stampsAfterMs: number | undefined;
  /** What becomes of the permit; `crashed`: it is never settled. */
  readonly fate: 'settled' | 'released' | 'crashed';
}

const sender: fc.Arbitrary<Sender> = fc.record({
  startMs: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 200_000 })),
  home: fc.integer({ min: 0, max: 3 }),
  priority: fc.constantFrom('scheduled', 'reader', 'urgent'),
  thereMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 45_000 })),
  backMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 30_000 })),
  stampsAfterMs: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
  fate: fc.constantFrom('settled', 'settled', 'settled', 'released', 'crashed'),
});

const skews = fc.array(
  fc.oneof(
    fc.constantFrom(-HALF_MARGIN_MS, 0, HALF_MARGIN_MS),
    fc.integer({ min: -HALF_MARGIN_MS, max: HALF_MARGIN_MS }),
  ),
  { minLength: 4, maxLength: 4 },
);

describe('the sliding window (I5)', () => {
  it('never lets more than the limit arrive in any window, whatever happens to the senders', async () => {
    const runs = fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(sender, { minLength: 8, maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 5, maxLength: 5 }),
      skews,
      async (limit, senders, delaysMs, skewsMs) => {
        const arrivals = await simulate(limit, senders, delaysMs, skewsMs, MARGIN_MS);
        assert.ok(busiest(arrivals) <= limit, `${busiest(arrivals)} arrivals in a window`);
      },
    );
    await fc.assert(runs, { numRuns: 60 });
  });

  it('needs its margin: without it, clocks that differ let one more through', async () => {
    const settled = { stampsAfterMs: undefined, fate: 'settled' } as const;
    const senders: Sender[] = [
      { startMs: 0, home: 0, priority: 'reader', thereMs: 0, backMs: 0, ...settled },
      { startMs: 1, home: 1, priority: 'reader', thereMs: 0, backMs: 0, ...settled },
    ];
    assert.equal(busiest(await simulate(1, senders, [0], [-1000, 1000], 0)), 2);
    assert.equal(busiest(await simulate(1, senders, [0], [-1000, 1000], MARGIN_MS)), 1);
  });

  it('lets the full limit through again as soon as the window has passed', async () => {
    const world = new QuotaWorld();
    const { quota, clock } = world.container();
    for (let round = 0; round < 5; round += 1) {
      for (let count = 0; count < 10; count += 1) {
        const permit = permitOf(
          await quota.acquire(limitOf(10), clock.nowMs() + ANSWER_MS, { priority: 'reader' }),
        );
        await quota.settle(permit, clock.nowMs());
      }
      await world.clock.advance(WINDOW_MS);
    }
  });

  it('knows its own clock: the margin is for the permits of other containers', async () => {
    const world = new QuotaWorld();
    const [mine, other] = [world.container(), world.container()];
    const ask = ({ quota, clock }: typeof mine) =>
      quota.acquire(limitOf(1), clock.nowMs() + ANSWER_MS, { priority: 'urgent' });
    await mine.quota.settle(permitOf(await ask(mine)), mine.clock.nowMs());
    const freeAtMs = mine.clock.nowMs() + WINDOW_MS;
    assert.deepEqual(await ask(mine), { freeAtMs });
    await world.clock.advance(2 * MARGIN_MS);
    assert.deepEqual(await ask(other), { freeAtMs: freeAtMs + MARGIN_MS });

    await world.clock.advance(WINDOW_MS - 2 * MARGIN_MS);

    assert.deepEqual(await ask(other), { freeAtMs: freeAtMs + MARGIN_MS });
    assert.ok(isGranted(await ask(mine)));
  });

  it('gives exactly the limit to twenty who ask at once', async () => {
    for (const fraction of [() => 0.5, jitter()]) {
      const world = new QuotaWorld({ delay: () => Promise.resolve() }, fraction);
      const byMs = world.clock.nowMs() + ANSWER_MS;
      const asked = Array.from({ length: 20 }, () =>
        world.container().quota.acquire(limitOf(10), byMs, { priority: 'reader' }),
      );
      const acquired = await world.drive(Promise.all(asked));
      assert.equal(acquired.filter(isGranted).length, 10);
      assert.equal(Object.keys(world.record().permits).length, 10);
    }
  });
});

/** A fixed sequence that looks random. */
function jitter(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
}

/** Runs the senders, each in its container; the true times at which requests arrived. */
async function simulate(
  limit: number,
  senders: readonly Sender[],
  delaysMs: readonly number[],
  skewsMs: readonly number[],
  marginMs: number,
): Promise<number[]> {
  let calls = 0;
  const world: QuotaWorld = new QuotaWorld({
    delay: () => world.clock.sleep(delaysMs[calls++ % delaysMs.length] ?? 0),
  });
  const arrivals: number[] = [];
  const containers = skewsMs.map((skewMs) => world.container(skewMs, marginMs));
  const sent = senders.flatMap((sending) => {
    const home = containers[sending.home];
    return home ? [send(world, home, limit, sending, arrivals)] : [];
  });
  await world.drive(Promise.all(sent));
  return arrivals.sort((a, b) => a - b);
}

/** One request, as the protocol makes it: asks until it has a permit, never sends after its deadline. */
async function send(
  world: QuotaWorld,
  { quota, clock }: ReturnType<QuotaWorld['container']>,
  limit: number,
  sending: Sender,
  arrivals: number[],
) {
  await clock.sleep(sending.startMs);
  for (let tries = 0; tries < 6; tries += 1) {
    const byMs = clock.nowMs() + ANSWER_MS;
    const acquired = await quota.acquire(limitOf(limit), byMs, { priority: sending.priority });
    if (!('permit' in acquired)) {
      await clock.sleep(acquired.freeAtMs - clock.nowMs());
      continue;
    }
    if (sending.fate === 'released') return quota.release(acquired.permit);
    await clock.sleep(Math.min(sending.thereMs, byMs - clock.nowMs()));
    arrivals.push(world.clock.monotonicMs());
    await clock.sleep(Math.min(sending.backMs, byMs - clock.nowMs()));
    if (sending.fate === 'settled') await quota.settle(acquired.permit, clock.nowMs());
    if (sending.stampsAfterMs === undefined) return;
    await clock.sleep(sending.stampsAfterMs);
    return quota.stamp(limitOf(limit).key);
  }
}

/** Most arrivals in any window of the quota's length. */
function busiest(arrivals: readonly number[]): number {
  return Math.max(
    0,
    ...arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + WINDOW_MS).length),
  );
}
