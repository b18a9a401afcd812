import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { TokenError } from './token-error.ts';
import type { ClientProof } from './token-form.ts';

/** A client as its owner registered it. One that is registered again has the new secret and settings only. */
export interface RegisteredClient {
  readonly client: Fingerprint;
  /** Absent: a public client. */
  readonly clientSecret?: Fingerprint;
  readonly scope: string;
}

/** The clients that the provider knows. */
export class Clients {
  readonly #byId = new Map<Fingerprint, RegisteredClient>();

  register(client: RegisteredClient): void {
    this.#byId.set(client.client, client);
  }

  /** The client of that id, unproven. */
  find(clientId: string): RegisteredClient | undefined {
    return this.#byId.get(fingerprint(clientId));
  }

  /** The client that a token request comes from, or throws {@link TokenError} `invalid_client`. */
  prove({ clientId, clientSecret }: ClientProof): Fingerprint {
    const known = this.find(clientId);
    const given = clientSecret === undefined ? undefined : fingerprint(clientSecret);
    if (known && known.clientSecret === given) return known.client;
    throw new TokenError('invalid_client', 'client_id and client_secret: not those of a registered client');
  }
}
