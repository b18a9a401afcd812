import { type Fingerprint, fingerprint } from '../provider/fingerprint.ts';

/** The networks that a client may choose. Replaces those before. */
export interface NetworksEntered {
  readonly type: 'networks';
  readonly client: Fingerprint;
  readonly networks: readonly string[];
}

/** A token chose its network. */
export interface NetworkChosen {
  readonly type: 'network-chosen';
  readonly atMs: number;
  readonly accessToken: Fingerprint;
  readonly network: string;
}

export type NetworkRecord = NetworksEntered | NetworkChosen;

/** True for a line of the journal that is of networks. */
export function isNetworkRecord(record: { readonly type: string }): record is NetworkRecord {
  return record.type === 'networks' || record.type === 'network-chosen';
}

/**
 * Which network each access token works in. A new token has none, whatever the one before had chosen; a choice ends
 * with its session. Decisions change nothing, changes decide nothing.
 */
export class NetworkSessions {
  readonly #sessionMs: number;
  readonly #allowed = new Map<Fingerprint, readonly string[]>();
  readonly #chosen = new Map<Fingerprint, NetworkChosen>();

  constructor(sessionMs: number) {
    this.#sessionMs = sessionMs;
  }

  apply(record: NetworkRecord): void {
    if (record.type === 'networks') this.#allowed.set(record.client, record.networks);
    else this.#chosen.set(record.accessToken, record);
  }

  mayChoose(client: Fingerprint, network: string): boolean {
    return this.#allowed.get(client)?.includes(network) === true;
  }

  /** The network of an access token at `nowMs`; undefined: it has chosen none, or its session has ended. */
  networkOf(accessToken: string, nowMs: number): string | undefined {
    const chosen = this.#chosen.get(fingerprint(accessToken));
    return chosen && nowMs < chosen.atMs + this.#sessionMs ? chosen.network : undefined;
  }
}
