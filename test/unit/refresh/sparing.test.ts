import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { sparing } from '../../../shared/refresh/tick/pace.ts';

const NOW_MS = 1_000_000;
const TIMES = timing(1);

/** A token of so many seconds that ends in so many. */
function token(credential: string, lifeSeconds: number, leftSeconds: number) {
  const deadlineMs = NOW_MS + leftSeconds * 1000;
  const refreshAtMs = deadlineMs - (lifeSeconds * 1000) / 2;
  return { credential, dueAtMs: refreshAtMs, refreshAtMs, deadlineMs, quotaKey: 'bs2', quotaPaceMs: 6000 };
}

const onDemand = (chain: ReturnType<typeof token>) => ({ ...chain, lapsingFromMs: chain.deadlineMs });

const order = (...entries: ReturnType<typeof token>[]) =>
  sparing(
    entries.toSorted((a, b) => a.deadlineMs - b.deadlineMs),
    NOW_MS,
    TIMES,
  ).map(({ credential }) => credential);

describe('tokens of different lives on a scarce quota', () => {
  it('lets a longer life go first while no short one is in danger', () => {
    assert.deepEqual(order(token('short', 300, 100), token('long', 3600, 1500)), ['long', 'short']);
  });

  it('keeps to the end that comes first when a short life would come too close to it', () => {
    // Behind one request of the other, and its own: 2 × 6.9 s, and 20 s to spare.
    assert.deepEqual(order(token('short', 300, 26), token('long', 3600, 1500)), ['short', 'long']);
    const many = Array.from({ length: 12 }, (_, n) => token(`short-${n}`, 300, 100 + n));
    assert.equal(order(...many, token('long', 3600, 1500))[0], 'long');
    const more = Array.from({ length: 13 }, (_, n) => token(`short-${n}`, 300, 100 + n / 10));
    assert.equal(order(...more, token('long', 3600, 1500))[0], 'short-0');
  });

  it('chooses of several longer lives the one that has the least part of it left', () => {
    const all = [token('short', 300, 140), token('hour', 3600, 1700), token('day', 86_400, 30_000)];
    assert.equal(order(...all)[0], 'day');
  });

  it('lets a chain on demand go first once a fifth of its time is over', () => {
    const chainOf = (leftSeconds: number) => onDemand(token('chain', 7200, leftSeconds));
    assert.deepEqual(order(token('short', 300, 100), chainOf(2880)), ['short', 'chain']);
    assert.deepEqual(order(token('short', 300, 100), chainOf(2879)), ['chain', 'short']);
    assert.deepEqual(order(token('short', 300, 100), token('long', 7200, 2880)), ['long', 'short']);
  });

  it('lets tokens come closer to their ends the less time is left to a chain on demand', () => {
    // Behind the request of the token, 6.9 s: of the 20 s to spare a half, when half of the four fifths is over.
    assert.deepEqual(order(token('short', 300, 17), onDemand(token('chain', 7200, 1440))), [
      'chain',
      'short',
    ]);
    assert.deepEqual(order(token('short', 300, 16), onDemand(token('chain', 7200, 1440))), [
      'short',
      'chain',
    ]);
  });

  it('lets chains on demand go first by what is left of their own time, however many wait', () => {
    const chains = Array.from({ length: 100 }, (_, n) => onDemand(token(`chain-${n}`, 1000 + n, 390)));
    assert.equal(order(token('short', 300, 100), ...chains)[0], 'chain-99');
    const [first = '', second] = order(
      onDemand(token('soon', 1000, 200)),
      onDemand(token('later', 9000, 2000)),
    );
    assert.deepEqual([first, second], ['soon', 'later']);
  });

  it('changes nothing among tokens of one life', () => {
    assert.deepEqual(order(token('a', 300, 100), token('b', 302, 110)), ['a', 'b']);
  });

  it('puts nothing before a chain or a failure that is first for another reason', () => {
    const waiting = { ...token('not-due', 300, 10), refreshAtMs: NOW_MS + 1 };
    assert.deepEqual(sparing([waiting, token('long', 3600, 1500)], NOW_MS, TIMES)[0], waiting);
  });
});
