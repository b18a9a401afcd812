import { secretNames } from '../../shared/config/names.ts';
import type { CredentialRecord, SealedPair } from '../../shared/credential/credential.ts';
import type { Post } from '../crash/watched-endpoint.ts';
import type { WitnessMemory } from '../property/witness.ts';
import { FAULTS, type Fault } from './faults.ts';
import type { KnownCall } from './known-call.ts';
import { Missing } from './missing.ts';
import { Numbers } from './numbers.ts';
import type { PartyNode } from './party-node.ts';
import { keyOfNumbers, type StateKey } from './state-table.ts';
import type { Stores } from './stores.ts';

/** A world at one moment of one order. Never changed: a step makes another one. */
export interface WorldState {
  /** Monotonic; the world began at 0. */
  readonly atMs: number;
  readonly stores: Stores;
  readonly parties: readonly PartyNode[];
  /** Writes that are on their way, and whose callers will give up. */
  readonly late: readonly LateCall[];
  /** Ids of the calls that were late, whether they have taken effect by now or not. */
  readonly gone: ReadonlySet<string>;
  /** What the provider knows of each post. */
  readonly arrivals: Arrivals;
  /** How many things out of the ordinary may still happen. */
  readonly faultsLeft: number;
  /** How many moments may still pass while calls are under way. */
  readonly momentsLeft: number;
  /** By what calls were struck; time that passes strikes nobody. */
  readonly struck: readonly Fault[];
  /** What each witness remembers. */
  readonly memories: Memories;
  /** What was broken, if anything was. */
  readonly violation: string | undefined;
}

/** Equal ones are one object, with a number that tells them from others. */
export interface Memories {
  readonly number: number;
  readonly all: readonly WitnessMemory[];
}

/** By {@link postName}; equal ones have one number. */
export interface Arrivals {
  readonly number: number;
  readonly byPost: ReadonlyMap<string, Pick<Post, 'arrivedAtMs' | 'issued'>>;
}

export interface LateCall {
  readonly id: string;
  readonly party: number;
  readonly call: KnownCall;
}

const NAMES = secretNames('renova/prd');

export const postName = (party: string, number: number) => `${party} ${number}`;

/** Every post, with what its sender and the provider know of it, in the order of the parties. */
export function postsOf({ parties, arrivals }: Pick<WorldState, 'parties' | 'arrivals'>): Post[] {
  const all: Post[] = [];
  for (const { party, posts } of parties)
    for (const [number, post] of posts.entries())
      all.push({ ...post, ...arrivals.byPost.get(postName(party.name, number)) });
  return all;
}

const texts = new Numbers();

/**
 * The state, up to what makes no difference: stores, provider, clock, what is known of the posts, and the place of
 * each party.
 */
export function keyOf(state: WorldState): StateKey {
  const { atMs, stores, parties, late, gone, arrivals, faultsLeft, struck, memories } = state;
  const numbers = [Math.round(atMs * 1000), stores.key, faultsLeft, kindsOf(struck), memories.number];
  numbers.push(arrivals.number, state.momentsLeft === Number.POSITIVE_INFINITY ? -1 : state.momentsLeft);
  for (const { key } of parties) numbers.push(key);
  if (late.length > 0) numbers.push(texts.of(sorted(late.map(({ id, call }) => `${id} ${call.key}`))));
  if (gone.size > 0) {
    const held = parties.flatMap((node) => node.held.filter(({ id }) => gone.has(id)).map(({ id }) => id));
    numbers.push(-texts.of(sorted(held)));
  }
  return keyOfNumbers(numbers);
}

/** Which kinds there are among them. */
function kindsOf(struck: readonly Fault[]): number {
  return struck.reduce((kinds, fault) => kinds | (1 << FAULTS.indexOf(fault)), 0);
}

function sorted(all: readonly string[]): string {
  return [...all].sort().join();
}

export function recordIn({ ledger }: Stores, id: string): CredentialRecord | undefined {
  return ledger.items.find(({ credential }) => credential === id);
}

/** A party as the witness sees its container. */
export function asContainer({ party, isStarted, isSettled, isDead, endsAtMs, unstored }: PartyNode) {
  const isFree = !isDead && (!isStarted || isSettled);
  return { name: party.name, endsAtMs, isDead, isFree, context: { unstored } };
}

/** The pair in the rescue secret. Throws {@link Missing}. */
export function rescuedIn({ vault }: Stores, credential: string): SealedPair | undefined {
  const known = rescued.get(vault) ?? new Map<string, SealedPair | undefined>();
  if (known.has(credential)) return known.get(credential);
  throw new Missing(async () => {
    const stored = await vault.secrets.get(NAMES.rescue(credential));
    known.set(credential, stored && JSON.parse(stored.value.reveal()));
    rescued.set(vault, known);
  });
}
const rescued = new WeakMap<Stores['vault'], Map<string, SealedPair | undefined>>();
