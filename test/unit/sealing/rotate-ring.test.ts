import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KeyRing } from '../../../shared/sealing/key-ring.ts';
import { KEY_HOLD_MS, withoutOldKeys } from '../../../shared/sealing/rotate-ring.ts';

const AT_MS = Date.UTC(2026, 0, 1);
const kid = (atMs: number) => new Date(atMs).toISOString();

/** A ring whose keys came at these times; the last one is current. */
function ringOf(...timesMs: readonly number[]): KeyRing {
  const keys = new Map(timesMs.map((atMs) => [kid(atMs), new Uint8Array(32)]));
  return { current: kid(timesMs.at(-1) ?? 0), keys };
}

describe('dropping old keys', () => {
  it('keeps the current key and the one before it, however old: lanes and backups are sealed with it', () => {
    const ring = ringOf(AT_MS, AT_MS + 1, AT_MS + 2);
    const left = withoutOldKeys(ring, AT_MS + 1000 * KEY_HOLD_MS, KEY_HOLD_MS);
    assert.deepEqual([...left.keys.keys()], [kid(AT_MS + 1), kid(AT_MS + 2)]);
    assert.equal(left.current, ring.current);
  });

  it('keeps a key while its successor is young: a container may still seal with it', () => {
    const ring = ringOf(AT_MS, AT_MS + 1, AT_MS + 2);
    const keysAt = (nowMs: number) => withoutOldKeys(ring, nowMs, KEY_HOLD_MS).keys.size;
    assert.equal(keysAt(AT_MS + 1 + KEY_HOLD_MS - 1), 3);
    assert.equal(keysAt(AT_MS + 1 + KEY_HOLD_MS), 2);
  });
});
