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

/** What one store, or the provider, holds at one moment. Never changed: a write makes another one. */
export type PartContent =
  | { readonly name: 'ledger'; readonly items: readonly CredentialRecord[] }
  | { readonly name: 'quota'; readonly items: readonly QuotaRecord[] }
  | { readonly name: 'timestamps'; readonly items: readonly Timestamp[] }
  | {
      readonly name: 'vault';
      readonly secrets: MemorySecretStore;
      /** What each secret held before its last write, and when that was (monotonic). */
      readonly replaced: ReadonlyMap<string, Replaced>;
      /** Of the secrets that were written: what they hold, in short. */
      readonly digests: ReadonlyMap<string, string>;
    }
  | { readonly name: 'provider'; readonly provider: WitnessProvider };
export type PartName = PartContent['name'];

interface Numbered {
  /** The same for the same content, to the last id; of the vault: for the same writes. */
  readonly number: number;
  /** The same for the same content, up to what makes no difference. */
  readonly key: number;
}

export type Part<Name extends PartName = PartName> = Extract<PartContent, { name: Name }> & Numbered;
/** What all stores and the provider hold at one moment. */
export type Stores = { readonly [Name in PartName]: Part<Name> } & Numbered;

export const PARTS = ['ledger', 'quota', 'timestamps', 'vault', 'provider'] as const;

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

export async function contentsOf(beginning: Beginning, clock: StoreClock): Promise<PartContent[]> {
  const { records, quotas, timestamps, issued } = beginning;
  const secrets = new MemorySecretStore({ clock });
  for (const [name, value] of beginning.secrets) await secrets.create(name, new Secret(value));
  return [
    { name: 'ledger', items: records },
    { name: 'quota', items: quotas },
    { name: 'timestamps', items: timestamps },
    { name: 'vault', secrets, replaced: new Map(), digests: new Map() },
    { name: 'provider', provider: providerOf(issued, clock) },
  ];
}

export function providerOf(issued: Beginning['issued'], clock: StoreClock): WitnessProvider {
  const provider = new WitnessProvider(clock);
  for (const token of issued) provider.issued.set(token.token, { ...token });
  return provider;
}

/** What a call does, and what it is answered. */
export interface Effect {
  /** What the part that it touches holds then; absent: what it held before. */
  readonly after?: PartContent;
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
  switch (port) {
    case 'ledger': {
      const ledger = new MemoryLedger({ items: stores.ledger.items });
      switch (operation) {
        case 'load':
          return { answer: await settled(ledger.load(key)) };
        case 'due':
          return { answer: await settled(ledger.due(...(args as Parameters<typeof ledger.due>))) };
        case 'list':
          return { answer: await settled(all(ledger.list(args[0] as { after?: string }))) };
        case 'sharing':
          return { answer: await settled(all(ledger.sharing(args[0] as string | undefined))) };
        case 'attention':
          return { answer: await settled(all(ledger.attention(args[0] as never))) };
      }
      const answer = await settled(ledger.save(args[0] as CredentialRecord));
      return { ...(!('error' in answer) && { after: { name: port, items: ledger.items() } }), answer };
    }
    case 'quota':
    case 'timestamps': {
      const items: readonly QuotaRecord[] = stores[port].items as readonly QuotaRecord[];
      const table = new MemoryTable({ keyName: 'quotaKey', items });
      if (operation === 'load') return { answer: await settled(table.load(key)) };
      const answer = await settled(table.save(args[0] as QuotaRecord));
      const after = { name: port, items: table.items() } as PartContent;
      return { ...(!('error' in answer) && { after }), answer };
    }
    case 'vault':
      if (operation === 'get') {
        const [name, version] = args as [string, string?];
        const { replaced, secrets } = stores.vault;
        if (manner.isBehind) return { answer: { value: replaced.get(name)?.before } };
        return { answer: await settled(secrets.get(name, version)) };
      }
      return writeSecret(stores.vault, clock, operation, args as [string, ...unknown[]]);
    case 'provider': {
      if (operation === 'connect') return { answer: { value: undefined } };
      if (manner.isThrottled) return { answer: { value: { kind: 'throttled', retryAfterSeconds: 20 } } };
      const provider = providerOf([...stores.provider.provider.issued.values()], clock);
      const value = provider.answer(args[0] as TokenRequest);
      return { after: { name: port, provider }, answer: { value } };
    }
    case 'bus':
      return { answer: { value: undefined } };
  }
}

async function writeSecret(
  vault: Part<'vault'>,
  clock: StoreClock,
  operation: string,
  [name, ...args]: [string, ...unknown[]],
): Promise<Effect> {
  const before = await vault.secrets.get(name);
  const secrets = vault.secrets.copy();
  const answer = await settled(
    operation === 'put'
      ? secrets.put(name, withoutKeys(args[0] as Secret), args[1] as PutOptions)
      : operation === 'create'
        ? secrets.create(name, withoutKeys(args[0] as Secret))
        : operation === 'retag'
          ? secrets.retag(name, args[0] as never)
          : secrets.remove(name, args[0] as number),
  );
  if ('error' in answer) return { answer };
  const written = await secrets.get(name);
  const replaced = new Map(vault.replaced).set(name, { atMs: clock.atMs, before });
  const digest = `${digestOf(written?.value.reveal() ?? '')} ${clock.atMs}`;
  const digests = new Map(vault.digests).set(name, digest);
  return { after: { name: 'vault', secrets, replaced, digests }, answer };
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

/** The content to the last id; undefined for the vault, which is told by its writes. */
export function exactly(content: PartContent): string | undefined {
  switch (content.name) {
    case 'vault':
      return undefined;
    case 'provider':
      return JSON.stringify([...content.provider.issued.values()]);
    case 'ledger':
    case 'quota':
    case 'timestamps':
      return JSON.stringify(content.items);
  }
}

/** All of it, in short, up to what makes no difference. */
export function upToIds(content: PartContent): string {
  switch (content.name) {
    case 'vault':
      return [...content.digests]
        .map(([name, what]) => `${name} ${what}`)
        .sort()
        .join();
    case 'provider':
      return JSON.stringify([...content.provider.issued.values()]);
    case 'timestamps':
      return digestOfItems(content.items.filter(({ quotaKey }) => quotaKey !== PULSE));
    case 'ledger':
    case 'quota':
      return digestOfItems(content.items);
  }
}

/** Events in which there is a secret. */
export function leaksOf({ port, args = [] }: PortCall): boolean {
  return port === 'bus' && JSON.stringify(args[0] as readonly RenovaEvent[]).includes('fake-');
}
