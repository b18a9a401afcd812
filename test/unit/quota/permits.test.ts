import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decidePermit, settle } from '../../../shared/quota/permits.ts';

const NOW_MS = 1_000_000;
const ASK = { id: 'new', occupiedUntilMs: NOW_MS + 63_000, limit: 3, held: 0 };

/** Permits `p0`, `p1`, … that count until the given times, relative to now. */
const permitsUntil = (...relativeMs: number[]) =>
  Object.fromEntries(relativeMs.map((ms, index) => [`p${index}`, NOW_MS + ms]));

describe('the decision about one permit', () => {
  it('grants while fewer than the limit are occupied, and refuses at the limit', () => {
    assert.equal(decidePermit({ permits: permitsUntil(1, 2) }, ASK, NOW_MS).granted, true);
    assert.equal(decidePermit({ permits: permitsUntil(1, 2, 3) }, ASK, NOW_MS).granted, false);
  });

  it('counts a permit until its end, and not at it', () => {
    assert.equal(decidePermit({ permits: permitsUntil(1, 1, 1) }, ASK, NOW_MS).granted, false);
    assert.equal(decidePermit({ permits: permitsUntil(1, 1, 0) }, ASK, NOW_MS).granted, true);
  });

  it('leaves the held permits to others', () => {
    const held = { ...ASK, held: 1 };
    assert.equal(decidePermit({ permits: permitsUntil(5) }, held, NOW_MS).granted, true);
    assert.deepEqual(decidePermit({ permits: permitsUntil(9, 5) }, held, NOW_MS), {
      granted: false,
      freeAtMs: NOW_MS + 5,
    });
    assert.equal(decidePermit({ permits: permitsUntil(9, 5) }, ASK, NOW_MS).granted, true);
  });

  it('drops the permits that no longer count', () => {
    const granted = decidePermit({ permits: permitsUntil(-5, 0, 7) }, ASK, NOW_MS);
    assert.deepEqual(granted, {
      granted: true,
      isProbe: false,
      permits: { p2: NOW_MS + 7, new: ASK.occupiedUntilMs },
    });
  });

  it('grants nothing before the provider wants to hear from us again, however free the quota', () => {
    const closed = { permits: {}, closedUntilMs: NOW_MS + 1 };
    assert.deepEqual(decidePermit(closed, ASK, NOW_MS), { granted: false, freeAtMs: NOW_MS + 1 });
    assert.equal(decidePermit(closed, ASK, NOW_MS + 1).granted, true);
  });

  it('counts a permit until its end by the clock of who asks, as far as that is known', () => {
    const ask = { ...ASK, limit: 1, ends: new Map([['p1', NOW_MS + 3000]]) };
    assert.equal(decidePermit({ permits: { p0: NOW_MS } }, ask, NOW_MS).granted, true);
    assert.deepEqual(decidePermit({ permits: { p1: NOW_MS } }, ask, NOW_MS), {
      granted: false,
      freeAtMs: NOW_MS + 3000,
    });
    assert.equal(decidePermit({ permits: { p1: NOW_MS } }, ask, NOW_MS + 3000).granted, true);
  });

  it('gives readers what always-fresh credentials leave', () => {
    const ask = { ...ASK, limit: 3, isReader: true, windowMs: 60_000 };
    const record = { permits: { 'reader-1': NOW_MS + 5 }, reserved: 1.5 };
    assert.deepEqual(decidePermit(record, ask, NOW_MS), { granted: false, freeAtMs: NOW_MS + 5 });
    assert.equal(decidePermit({ ...record, reserved: 1 }, ask, NOW_MS).granted, true);
  });

  it('gives readers one permit in several windows where less than one is left in each', () => {
    const ask = { ...ASK, limit: 1, isReader: true, windowMs: 60_000 };
    for (const [reserved, windows] of [
      [0.75, 4],
      [1, 20],
    ] as const) {
      const decided = decidePermit({ permits: {}, reserved }, ask, NOW_MS);
      const readerAtMs = NOW_MS + windows * 60_000;
      assert.ok(decided.granted && decided.readerAtMs === readerAtMs);
      const then = { permits: {}, reserved, readerAtMs };
      assert.deepEqual(decidePermit(then, ask, readerAtMs - 1), { granted: false, freeAtMs: readerAtMs });
      assert.equal(decidePermit(then, ask, readerAtMs).granted, true);
    }
  });

  it('gives readers nothing while a token that is about to expire waits', () => {
    const record = { permits: {}, urgentUntilMs: NOW_MS + 9 };
    const reader = { ...ASK, isReader: true };
    assert.deepEqual(decidePermit(record, reader, NOW_MS), { granted: false, freeAtMs: NOW_MS + 9 });
    assert.equal(decidePermit(record, reader, NOW_MS + 9).granted, true);
    assert.equal(decidePermit(record, ASK, NOW_MS).granted, true);
  });

  it('spreads requests over a long window, and lets what nobody plans come in a burst', () => {
    const windowMs = 600_000;
    const ask = { ...ASK, limit: 10, windowMs, spread: { limit: 2, windowMs: 60_000 } };
    const endMs = NOW_MS + windowMs;
    const begun = { a: endMs - 50_000, b: endMs - 20_000, old: endMs - 60_000 };
    assert.deepEqual(decidePermit({ permits: begun }, ask, NOW_MS), {
      granted: false,
      freeAtMs: NOW_MS + 10_000,
    });
    assert.equal(decidePermit({ permits: begun }, ask, NOW_MS + 10_000).granted, true);
    assert.equal(decidePermit({ permits: begun }, { ...ask, spread: undefined }, NOW_MS).granted, true);
    const bursts = { 'burst-reader-a': endMs, 'burst-reader-b': endMs };
    assert.equal(decidePermit({ permits: bursts }, ask, NOW_MS).granted, true);
  });

  it('spreads further while a burst has taken a part of the window', () => {
    const windowMs = 600_000;
    const ask = { ...ASK, limit: 10, windowMs, spread: { limit: 2, windowMs: 60_000 } };
    const endMs = NOW_MS + windowMs;
    const begun = { a: endMs - 70_000, b: endMs - 80_000 };
    assert.equal(decidePermit({ permits: begun }, ask, NOW_MS).granted, true);
    const bursts = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`burst-${n}`, endMs]));
    // Five are left in the window: two in any two minutes.
    assert.deepEqual(decidePermit({ permits: { ...begun, ...bursts } }, ask, NOW_MS), {
      granted: false,
      freeAtMs: NOW_MS + 40_000,
    });
  });

  it('says exactly when to ask again', () => {
    const quota = fc.integer({ min: 1, max: 12 }).chain((limit) =>
      fc.record({
        limit: fc.constant(limit),
        held: fc.constantFrom(...(limit > 1 ? [0, 1] : [0])),
        untils: fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 20 }),
        closed: fc.option(fc.integer({ min: -50, max: 50 }), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(quota, ({ limit, held, untils, closed }) => {
        const record = {
          permits: permitsUntil(...untils),
          closedUntilMs: closed === undefined ? undefined : NOW_MS + closed,
        };
        const ask = { ...ASK, limit, held };
        const decided = decidePermit(record, ask, NOW_MS);
        const occupied = untils.filter((ms) => ms > 0).length;
        const open = closed === undefined || closed <= 0;
        assert.equal(decided.granted, open && occupied < limit - held);
        if (decided.granted) return;
        assert.ok(decided.freeAtMs > NOW_MS);
        assert.equal(decidePermit(record, ask, decided.freeAtMs - 1).granted, false);
        const then = decidePermit({ permits: record.permits }, ask, decided.freeAtMs);
        assert.ok(then.granted || decided.freeAtMs === record.closedUntilMs);
      }),
    );
  });
});

describe('settling a permit', () => {
  it('makes it shorter, never longer', () => {
    const permits = permitsUntil(10);
    assert.deepEqual(settle(permits, 'p0', NOW_MS + 9), { p0: NOW_MS + 9 });
    assert.equal(settle(permits, 'p0', NOW_MS + 10), permits);
    assert.equal(settle(permits, 'p0', NOW_MS + 11), permits);
  });

  it('frees it at once with 0, and leaves the others', () => {
    assert.deepEqual(settle(permitsUntil(10, 20), 'p0', 0), { p1: NOW_MS + 20 });
  });

  it('does not bring back a permit that is gone', () => {
    const permits = permitsUntil(10);
    assert.equal(settle(permits, 'gone', NOW_MS + 5), permits);
    assert.equal(settle(permits, 'gone', 0), permits);
  });
});
