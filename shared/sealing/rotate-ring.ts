import { randomBytes } from 'node:crypto';
import { Secret } from '../secret/secret.ts';
import { KEY_BYTES, type KeyRing } from './key-ring.ts';

/**
 * How long a key stays after its successor came: three times the time for which a container may still seal
 * with it, and whatever was sealed with it before is sealed anew by then.
 */
export const KEY_HOLD_MS = 15 * 60 * 1000;

/** The ring with a new current key, whose id is its time (RFC 3339). The old keys still open. */
export function withNewKey(ring: KeyRing, nowMs: number): KeyRing {
  const kid = new Date(nowMs).toISOString();
  return { current: kid, keys: new Map([...ring.keys, [kid, new Uint8Array(randomBytes(KEY_BYTES))]]) };
}

/**
 * The ring without the keys that nothing can need any more: all but the current key, the one before it (lanes
 * and backups still hold pairs sealed with it), and those whose successor is younger than `holdMs`.
 */
export function withoutOldKeys(ring: KeyRing, nowMs: number, holdMs: number): KeyRing {
  const kids = [...ring.keys.keys()];
  const kept = [...ring.keys].filter(([kid], place) => {
    if (kid === ring.current || place >= kids.length - 2) return true;
    const successorAtMs = Date.parse(kids[place + 1] ?? '');
    return nowMs - successorAtMs < holdMs;
  });
  return { current: ring.current, keys: new Map(kept) };
}

/** The ring as it is stored. */
export function renderKeyRing(ring: KeyRing): Secret {
  const keys = [...ring.keys].map(([kid, key]) => [kid, Buffer.from(key).toString('base64')]);
  return new Secret(JSON.stringify({ current: ring.current, keys: Object.fromEntries(keys) }));
}
