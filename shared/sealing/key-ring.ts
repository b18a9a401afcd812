import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { Secret } from '../secret/secret.ts';

/** Keys by id, one of them current: it seals, all of them open. */
export interface KeyRing {
  readonly current: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** The secret that should hold a key ring holds something else. */
export class KeyRingError extends Error {
  readonly code = 'invalid-key-ring';
  override readonly name = 'KeyRingError';
}

/** A256GCM. */
export const KEY_BYTES = 32;
const StoredRing = v.object({
  current: v.string(),
  keys: v.record(v.string(), v.pipe(v.string(), v.base64())),
});

/**
 * A ring as a stack makes it. CloudFormation can have Secrets Manager draw a text from an alphabet, but not
 * 32 bytes as base64: 64 of the 16 hexadecimal digits are the same 256 random bits.
 */
const GeneratedRing = v.pipe(
  v.object({ current: v.string(), key: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
  v.transform(({ current, key }) => ({
    current,
    keys: { [current]: Buffer.from(key, 'hex').toString('base64') },
  })),
);

/**
 * Reads a ring as it is stored: `{"current": kid, "keys": {kid: base64 of 32 bytes}}`, or, before its first
 * rotation, as a stack generated it: `{"current": kid, "key": 64 hexadecimal digits}`. Throws {@link KeyRingError}.
 */
export function parseKeyRing(name: string, stored: Secret): KeyRing {
  const parsed = v.safeParse(
    v.pipe(v.string(), v.parseJson(), v.union([StoredRing, GeneratedRing])),
    stored.reveal(),
  );
  if (!parsed.success) throw new KeyRingError(`${name}: expected {"current", "keys"}; restore the secret.`);
  const keys = new Map<string, Uint8Array>();
  for (const [kid, encoded] of Object.entries(parsed.output.keys)) {
    const key = Buffer.from(encoded, 'base64');
    if (key.length !== KEY_BYTES) throw new KeyRingError(`${name}: key ${kid} must have ${KEY_BYTES} bytes.`);
    keys.set(kid, new Uint8Array(key));
  }
  if (!keys.has(parsed.output.current)) throw new KeyRingError(`${name}: "current" must name one of "keys".`);
  return { current: parsed.output.current, keys };
}

/** A ring with one new random key, as it is stored. */
export function newKeyRing(kid: string): Secret {
  return new Secret(
    JSON.stringify({ current: kid, keys: { [kid]: randomBytes(KEY_BYTES).toString('base64') } }),
  );
}
