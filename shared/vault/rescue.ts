import * as v from 'valibot';
import type { SecretNames } from '../config/names.ts';
import type { SealedPair } from '../credential/credential.ts';
import { Secret } from '../secret/secret.ts';
import { MOST_SECRET_BYTES, SecretNotFoundError, type SecretStore } from '../secret-store/secret-store.ts';
import { PublishedFields } from './published-value.ts';

const StoredPair = v.object({
  chain: v.string(),
  generation: v.number(),
  attempt: v.string(),
  sealedAccess: v.optional(v.string()),
  sealedRefresh: v.optional(v.string()),
  tokenType: v.string(),
  scope: v.optional(v.string()),
  fields: v.optional(PublishedFields),
  issuedAtMs: v.number(),
  expiresAtMs: v.number(),
  refreshAfterMs: v.number(),
  refreshTokenExpiresAtMs: v.optional(v.number()),
  refreshTokenSinceMs: v.optional(v.number()),
});

/** The rescue secrets: where a sealed pair goes when the ledger does not take it at once. */
export class Rescue {
  readonly #store: SecretStore;
  readonly #names: SecretNames;

  constructor(store: SecretStore, names: SecretNames) {
    this.#store = store;
    this.#names = names;
  }

  /** Stores the pair; doing it again is harmless. Rejects when the store is unavailable or `signal` aborts. */
  async put(credential: string, pair: SealedPair, signal?: AbortSignal): Promise<void> {
    const name = this.#names.rescue(credential);
    const value = rescueCopy(pair);
    try {
      await this.#store.put(name, value, { signal });
    } catch (error) {
      if (!(error instanceof SecretNotFoundError)) throw error;
      const description = `Renova: a token pair of ${credential} that the ledger did not take`;
      if (!(await this.#store.create(name, value, { description }))) {
        await this.#store.put(name, value, { signal });
      }
    }
  }

  /** The last rescued pair, if there is one that can be read. Rejects when the store is unavailable. */
  async get(credential: string): Promise<SealedPair | undefined> {
    const stored = await this.#store.get(this.#names.rescue(credential));
    if (!stored) return undefined;
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), StoredPair), stored.value.reveal());
    return parsed.success ? parsed.output : undefined;
  }
}

/**
 * The pair as it fits into a secret. Where the access token is too large, its refresh token alone is rescued, and is due
 * at once: the chain goes on.
 */
function rescueCopy(pair: SealedPair): Secret {
  const whole = JSON.stringify(pair);
  if (Buffer.byteLength(whole) <= MOST_SECRET_BYTES) return new Secret(whole);
  const { sealedAccess: _, fields: __, ...rest } = pair;
  return new Secret(JSON.stringify({ ...rest, refreshAfterMs: pair.issuedAtMs }));
}
