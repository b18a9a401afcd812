import { hash } from 'node:crypto';
import { secretNames } from '../../shared/config/names.ts';
import type { CredentialRecord, SealedPair } from '../../shared/credential/credential.ts';
import type { PortCall } from '../crash/port-calls.ts';
import type { Post } from '../crash/watched-endpoint.ts';
import type { WitnessMemory } from '../property/witness.ts';
import type { PartyNode } from './party-node.ts';
import { digestOfStores, type Stores } from './stores.ts';

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
  /** What the provider knows of each post, by {@link postName}. */
  readonly arrivals: ReadonlyMap<string, Pick<Post, 'arrivedAtMs' | 'issued'>>;
  /** How many things out of the ordinary may still happen. */
  readonly faultsLeft: number;
  /** Whether a call was struck; time that passes strikes nobody. */
  readonly isStruck: boolean;
  /** What each witness remembers. */
  readonly memories: readonly WitnessMemory[];
  /** What was broken, if anything was. */
  readonly violation: string | undefined;
}

export interface LateCall {
  readonly id: string;
  readonly party: number;
  readonly call: PortCall;
}

const NAMES = secretNames('renova/prd');

export const postName = (party: string, number: number) => `${party} ${number}`;

/** Every post, with what its sender and the provider know of it, in the order of the parties. */
export function postsOf({ parties, arrivals }: WorldState): Post[] {
  return parties.flatMap(({ party, posts }) =>
    posts.map((post, number) => ({ ...post, ...arrivals.get(postName(party.name, number)) })),
  );
}

export function isSettled({ result, isDead }: PartyNode): boolean {
  return result !== undefined || isDead;
}

/** The state, up to what makes no difference: stores, provider, clock, and the place of each party. */
export function keyOf(state: WorldState): string {
  const { atMs, stores, parties, late, faultsLeft, isStruck } = state;
  const sent = postsOf(state).map(({ token, outcome, endedAtMs }) => `${token} ${outcome} ${endedAtMs}`);
  const text = [
    digestOfStores(stores),
    sent.sort().join(),
    `${atMs} ${faultsLeft} ${isStruck}`,
    late
      .map(({ id }) => id)
      .sort()
      .join(),
    parties.map(placeOf).join(' | '),
  ].join('\n');
  return hash('sha1', text, 'base64');
}

function placeOf({ result, isDead, isStarted, place, unstored }: PartyNode): string {
  if (isDead) return 'dead';
  if (result) return `done ${JSON.stringify(result.value)} ${unstored.size}`;
  return isStarted ? place.value : 'not begun';
}

export function recordIn({ ledger }: Stores, id: string): CredentialRecord | undefined {
  return ledger.items().find(({ credential }) => credential === id);
}

/** A party as the witness sees its container. */
export function asContainer({ party, isStarted, result, isDead, endsAtMs, unstored }: PartyNode) {
  const isFree = !isDead && (!isStarted || result !== undefined);
  return { name: party.name, endsAtMs, isDead, isFree, context: { unstored } };
}

/** The pair in the rescue secret. */
export async function rescuedIn({ secrets }: Stores, credential: string): Promise<SealedPair | undefined> {
  const known = rescued.get(secrets) ?? new Map<string, SealedPair | undefined>();
  if (!known.has(credential)) {
    const stored = await secrets.get(NAMES.rescue(credential));
    known.set(credential, stored && JSON.parse(stored.value.reveal()));
    rescued.set(secrets, known);
  }
  return known.get(credential);
}
const rescued = new WeakMap<Stores['secrets'], Map<string, SealedPair | undefined>>();
