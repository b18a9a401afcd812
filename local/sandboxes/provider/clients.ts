import { type Fingerprint, fingerprint } from './fingerprint.ts';
import type { ClientSecretRules } from './rules.ts';
import { TokenError } from './token-error.ts';
import type { ClientProof } from './token-form.ts';

/** A client as its owner registered it. One that is registered again has the new secret and settings. */
export interface RegisteredClient {
  readonly atMs: number;
  readonly client: Fingerprint;
  /** Absent: a public client. */
  readonly clientSecret?: Fingerprint;
  readonly scope: string;
}

interface KnownSecret {
  readonly secret: Fingerprint | undefined;
  readonly sinceMs: number;
  /** When another took its place; absent: it is the newest. */
  replacedAtMs?: number;
}

/** The clients that the provider knows, and which of their secrets it takes. */
export class Clients {
  readonly #rules: ClientSecretRules;
  readonly #byId = new Map<Fingerprint, RegisteredClient>();
  readonly #secrets = new Map<Fingerprint, readonly KnownSecret[]>();

  /** Without rules a secret has no end but the next one. */
  constructor(rules: ClientSecretRules = {}) {
    this.#rules = rules;
  }

  register(registered: RegisteredClient): void {
    const { client, clientSecret: secret, atMs } = registered;
    this.#byId.set(client, registered);
    const known = this.#secrets.get(client) ?? [];
    if (known.at(-1)?.secret === secret && known.length > 0) return;
    for (const each of known) each.replacedAtMs ??= atMs;
    this.#secrets.set(client, [...known, { secret, sinceMs: atMs }]);
  }

  /** The client of that id, unproven. */
  find(clientId: string): RegisteredClient | undefined {
    return this.#byId.get(fingerprint(clientId));
  }

  /** The client that a token request comes from, or throws {@link TokenError} `invalid_client`. */
  prove({ clientId, clientSecret }: ClientProof, nowMs: number): Fingerprint {
    const client = fingerprint(clientId);
    const given = clientSecret === undefined ? undefined : fingerprint(clientSecret);
    const isTaken = this.#secrets
      .get(client)
      ?.some((known) => known.secret === given && this.#isGood(known, nowMs));
    if (isTaken) return client;
    throw new TokenError('invalid_client', 'client_id and client_secret: not those of a registered client');
  }

  #isGood({ sinceMs, replacedAtMs }: KnownSecret, nowMs: number): boolean {
    const { lifeMs = Infinity, overlapMs = 0 } = this.#rules;
    return nowMs < sinceMs + lifeMs && (replacedAtMs === undefined || nowMs < replacedAtMs + overlapMs);
  }
}
