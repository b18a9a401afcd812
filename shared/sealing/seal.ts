import { CompactEncrypt, compactDecrypt } from 'jose';
import { Secret } from '../secret/secret.ts';
import type { KeyRing } from './key-ring.ts';

/** What a sealed value belongs to. It is authenticated with the value: a seal opens nowhere else. */
export interface SealBinding {
  readonly credential: string;
  readonly chain: string;
  readonly generation: number;
  readonly use: 'access' | 'refresh' | 'answer';
}

/** A sealed value cannot be opened with this ring or does not belong here. */
export class SealError extends Error {
  override readonly name = 'SealError';
  readonly code: 'unknown-seal-key' | 'broken-seal';

  constructor(code: SealError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Gives back every text as it was sealed, a byte order mark at its start included. */
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** Seals `value` as a compact JWE (RFC 7516; `dir`, `A256GCM`) under the ring's current key. */
export async function seal(ring: KeyRing, value: Secret, binding: SealBinding): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(value.reveal()))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: ring.current, ...binding })
    .encrypt(keyOf(ring, ring.current));
}

/**
 * Opens what {@link seal} made. Rejects with {@link SealError}: `unknown-seal-key` when the ring has no
 * key of that id (load the ring again), `broken-seal` when the value was altered or belongs elsewhere.
 */
export async function open(ring: KeyRing, sealed: string, binding: SealBinding): Promise<Secret> {
  const { plaintext, protectedHeader } = await compactDecrypt(
    sealed,
    (header) => keyOf(ring, String(header.kid)),
    { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
  ).catch((error: unknown) => {
    if (error instanceof SealError) throw error;
    throw new SealError(
      'broken-seal',
      `The sealed ${binding.use} token of ${binding.credential} was altered.`,
    );
  });
  for (const [name, expected] of Object.entries(binding)) {
    if (protectedHeader[name] === expected) continue;
    throw new SealError(
      'broken-seal',
      `A sealed value of ${binding.credential} belongs to another ${name}: restore it to where it was.`,
    );
  }
  return new Secret(text.decode(plaintext));
}

function keyOf(ring: KeyRing, kid: string): Uint8Array {
  const key = ring.keys.get(kid);
  if (!key) throw new SealError('unknown-seal-key', `The key ring has no key ${JSON.stringify(kid)}.`);
  return key;
}
