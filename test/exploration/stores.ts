import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { RenovaEvent } from '../../shared/events/event-publisher.ts';
import type { QuotaRecord } from '../../shared/quota/permits.ts';
import { Secret } from '../../shared/secret/secret.ts';
import type { PutOptions, SecretVersion } from '../../shared/secret-store/secret-store.ts';
import type { Timestamp } from '../../shared/telemetry/timestamps.ts';
import type { TokenRequest } from '../../shared/token-endpoint/token-endpoint.ts';
import type { PortCall } from '../crash/port-calls.ts';
import { WitnessProvider } from '../crash/witness-provider.ts';
import { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';
import { MemoryTable } from '../support/fakes/memory-table.ts';
import { PULSE } from './footprint.ts';
import type { Answer } from './party-run.ts';
import type { Beginning } from './small-world.ts';
import { digestOf, digestOfItems } from './state-digest.ts';

/** What all stores and the provider hold at one moment. Never changed: a write makes another one. */
export interface Stores {
  readonly ledger: MemoryLedger<CredentialRecord>;
  readonly quota: MemoryTable<QuotaRecord>;
  readonly timestamps: MemoryTable<Timestamp>;
  readonly secrets: MemorySecretStore;
  readonly provider: WitnessProvider;
  /** What each secret held before its last write, and when that was (monotonic). */
  readonly replaced: ReadonlyMap<string, Replaced>;
  /** Of the secrets that were written: what they hold, in short. */
  readonly secretDigests: ReadonlyMap<string, string>;
}

export interface Replaced {
  readonly atMs: number;
  readonly before: SecretVersion | undefined;
}

/** The time of the stores: the same for all of them, set before each call. */
export class StoreClock {
  readonly #startMs: number;
  atMs = 0;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.atMs;
  }

  monotonicMs(): number {
    return this.atMs;
  }

  sleep(): Promise<void> {
    throw new Error('stores do not sleep');
  }
}

export async function storesOf(beginning: Beginning, clock: StoreClock): Promise<Stores> {
  const { records, quotas, timestamps, secrets, issued } = beginning;
  const store = new MemorySecretStore({ clock });
  for (const [name, value] of secrets) await store.create(name, new Secret(value));
  return {
    ledger: new MemoryLedger({ items: records }),
    quota: new MemoryTable({ keyName: 'quotaKey', items: quotas }),
    timestamps: new MemoryTable({ keyName: 'quotaKey', items: timestamps }),
    secrets: store,
    provider: providerOf(issued, clock),
    replaced: new Map(),
    secretDigests: new Map(),
  };
}

export function providerOf(issued: Beginning['issued'], clock: StoreClock): WitnessProvider {
  const provider = new WitnessProvider(clock);
  for (const token of issued) provider.issued.set(token.token, { ...token });
  return provider;
}

/** What a call does, and what it is answered. */
export interface Effect {
  readonly stores: Stores;
  readonly answer: Answer;
}

/** How the vault or the provider meets a call. */
export interface Manner {
  /** The read does not see the last write yet. */
  readonly isBehind?: boolean;
  /** The provider has had too many requests. */
  readonly isThrottled?: boolean;
}

/** Does what a call asks for. The stores that were given stay as they are. */
export async function perform(
  stores: Stores,
  clock: StoreClock,
  { port, operation, key = '', args = [] }: PortCall,
  manner: Manner = {},
): Promise<Effect> {
  const unchanged = async (work: Promise<unknown>): Promise<Effect> => ({
    stores,
    answer: await settled(work),
  });
  switch (port) {
    case 'ledger':
      switch (operation) {
        case 'load':
          return unchanged(stores.ledger.load(key));
        case 'due':
          return unchanged(stores.ledger.due(...(args as Parameters<typeof stores.ledger.due>)));
        case 'list':
          return unchanged(all(stores.ledger.list(args[0] as { after?: string })));
        case 'sharing':
          return unchanged(all(stores.ledger.sharing(args[0] as string | undefined)));
        case 'attention':
          return unchanged(all(stores.ledger.attention(args[0] as never)));
      }
      return save(stores, 'ledger', new MemoryLedger({ items: stores.ledger.items() }), args[0]);
    case 'quota':
    case 'timestamps': {
      if (operation === 'load') return unchanged(stores[port].load(key));
      const items: readonly QuotaRecord[] = stores[port].items() as readonly QuotaRecord[];
      return save(stores, port, new MemoryTable({ keyName: 'quotaKey', items }), args[0]);
    }
    case 'vault':
      if (operation === 'get') {
        const [name, version] = args as [string, string?];
        if (manner.isBehind) return { stores, answer: { value: stores.replaced.get(name)?.before } };
        return unchanged(stores.secrets.get(name, version));
      }
      return writeSecret(stores, clock, operation, args as [string, ...unknown[]]);
    case 'provider': {
      if (operation === 'connect') return { stores, answer: { value: undefined } };
      if (manner.isThrottled)
        return { stores, answer: { value: { kind: 'throttled', retryAfterSeconds: 20 } } };
      const provider = providerOf([...stores.provider.issued.values()], clock);
      const value = provider.answer(args[0] as TokenRequest);
      return { stores: { ...stores, provider }, answer: { value } };
    }
    case 'bus':
      return { stores, answer: { value: undefined } };
  }
}

async function save(
  stores: Stores,
  port: 'ledger' | 'quota' | 'timestamps',
  table: { save(item: never): Promise<void> },
  item: unknown,
): Promise<Effect> {
  const answer = await settled(table.save(item as never));
  return { stores: 'error' in answer ? stores : { ...stores, [port]: table }, answer };
}

async function writeSecret(
  stores: Stores,
  clock: StoreClock,
  operation: string,
  [name, ...args]: [string, ...unknown[]],
): Promise<Effect> {
  const before = await stores.secrets.get(name);
  const secrets = stores.secrets.copy();
  const answer = await settled(
    operation === 'put'
      ? secrets.put(name, withoutKeys(args[0] as Secret), args[1] as PutOptions)
      : operation === 'create'
        ? secrets.create(name, withoutKeys(args[0] as Secret))
        : operation === 'retag'
          ? secrets.retag(name, args[0] as never)
          : secrets.remove(name, args[0] as number),
  );
  if ('error' in answer) return { stores, answer };
  const after = await secrets.get(name);
  const replaced = new Map(stores.replaced).set(name, { atMs: clock.atMs, before });
  const digest = `${digestOf(after?.value.reveal() ?? '')} ${clock.atMs}`;
  const secretDigests = new Map(stores.secretDigests).set(name, digest);
  return { stores: { ...stores, secrets, replaced, secretDigests }, answer };
}

/** Keys are drawn at random: without their bytes a ring is the same in every run. */
function withoutKeys(value: Secret): Secret {
  return new Secret(value.reveal().replaceAll(KEY, `"${'A'.repeat(43)}="`));
}
const KEY = /"[A-Za-z0-9+/]{43}="/g;

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function settled(work: Promise<unknown>): Promise<Answer> {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
}

/** All of it, in short, up to what makes no difference. */
export function digestOfStores(stores: Stores): string {
  const { ledger, quota, timestamps, provider, secretDigests } = stores;
  const before = digests.get(stores);
  if (before !== undefined) return before;
  const digest = [
    digestOfItems(ledger.items()),
    digestOfItems(quota.items()),
    digestOfItems(timestamps.items().filter(({ quotaKey }) => quotaKey !== PULSE)),
    [...secretDigests]
      .map(([name, what]) => `${name} ${what}`)
      .sort()
      .join(),
    [...provider.issued.values()].map(({ token, spent }) => `${token}${spent ? '-' : '+'}`).join(),
  ].join('|');
  digests.set(stores, digest);
  return digest;
}
const digests = new WeakMap<Stores, string>();

/** Events in which there is a secret. */
export function leaksOf({ port, args = [] }: PortCall): boolean {
  return port === 'bus' && JSON.stringify(args[0] as readonly RenovaEvent[]).includes('fake-');
}
