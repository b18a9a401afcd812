import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Container } from './containers/container.ts';
import { type IssuedPair, isLostUnavoidably, tokensIn } from './provider/issued.ts';

const POSTED_MS = 1_000_000;

/** A pair that arrived whole at a listening process which lives on, and that no store has. */
function pair(changes: Partial<IssuedPair> = {}, process: Partial<Container> = {}): IssuedPair {
  return {
    sentWhole: true,
    exchange: {
      container: { wasTooSlow: false, ...process } as Container,
      postedAtMs: POSTED_MS,
      listening: false,
    },
    arrived: { atMs: POSTED_MS + 200, alive: true, listening: true },
    ...changes,
  } as IssuedPair;
}

const arrived = (afterMs: number) => ({
  arrived: { atMs: POSTED_MS + afterMs, alive: true, listening: false },
});

describe('a lost chain was past saving', () => {
  it('when its last answer never came, or not the whole refresh token', () => {
    assert.equal(isLostUnavoidably(pair({ arrived: undefined })), true);
    assert.equal(isLostUnavoidably(pair({ sentWhole: false })), true);
    assert.equal(isLostUnavoidably(pair({ sentWhole: false, storedAtMs: POSTED_MS + 300 })), true);
  });

  it('when the answer came later than anybody need listen, and not before', () => {
    assert.equal(isLostUnavoidably(pair(arrived(30_001))), true);
    assert.equal(isLostUnavoidably(pair(arrived(30_000))), false);
  });

  it('when the process died with the only copy, and not by taking on too much', () => {
    assert.equal(isLostUnavoidably(pair({}, { diedAtMs: POSTED_MS + 500 })), true);
    assert.equal(isLostUnavoidably(pair({}, { diedAtMs: POSTED_MS + 500, wasTooSlow: true })), false);
    assert.equal(isLostUnavoidably(pair({}, { diedAtMs: POSTED_MS + 3_600_000 })), false);
  });

  it('when the process was dead as the answer came, but not by taking on too much', () => {
    const died = { arrived: { atMs: POSTED_MS + 5000, alive: false, listening: true } };
    const diedAtMs = POSTED_MS + 500;
    assert.equal(isLostUnavoidably(pair(died, { diedAtMs })), true);
    assert.equal(isLostUnavoidably(pair(died, { diedAtMs, wasTooSlow: true })), false);
    const late = { arrived: { ...died.arrived, atMs: POSTED_MS + 30_001 } };
    assert.equal(isLostUnavoidably(pair(late, { diedAtMs, wasTooSlow: true })), true);
  });

  it('never when a store had it, when the process lives, or when nothing was posted since the login', () => {
    assert.equal(
      isLostUnavoidably(pair({ storedAtMs: POSTED_MS + 300 }, { diedAtMs: POSTED_MS + 500 })),
      false,
    );
    assert.equal(isLostUnavoidably(pair()), false);
    assert.equal(isLostUnavoidably(pair({ exchange: undefined })), false);
  });
});

it('tokens are found in whatever is stored, and told apart', () => {
  const text = '{"access_token":"fake-access-12","sealed":{"refresh":"seal|x|fake-refresh-123"}}';
  assert.deepEqual(tokensIn(text), { access: [12], refresh: [123] });
});
