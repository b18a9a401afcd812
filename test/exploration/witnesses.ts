import { secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { PortCall } from '../crash/port-calls.ts';
import type { SealedValues } from '../crash/ring-sealer.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { transitionName } from '../crash/transition-name.ts';
import type { Post } from '../crash/watched-endpoint.ts';
import { Witness, type WitnessedWorld, type WitnessMemory } from '../property/witness.ts';
import type { StoreClock, Stores } from './stores.ts';
import type { WorldModel } from './world-model.ts';
import { asContainer, type Memories, postsOf, recordIn, rescuedIn, type WorldState } from './world-state.ts';

const TIMING = timing(1);
const NAMES = secretNames('renova/prd');

export interface Look {
  readonly violation: string | undefined;
  readonly memories: Memories;
}

interface CredentialWitness {
  readonly credential: string;
  readonly witness: Witness;
  /** True if refresh tokens of that grant are this credential's. */
  readonly owns: (grant: string | undefined) => boolean;
}

/** A witness for each credential of a world, taken along from state to state. */
export class Witnesses {
  readonly #all: readonly CredentialWitness[];
  readonly #clock: StoreClock;
  readonly #sealed: SealedValues;
  readonly #memories = new Map<string, Memories>();
  readonly #seen = new Map<string, Look>();
  #current: WorldState | undefined;
  /** They remember what they did in the current state, and it is for them to say more of it. */
  #isRecalled = false;

  constructor({ watched }: WorldModel, clock: StoreClock, sealed: SealedValues) {
    this.#clock = clock;
    this.#sealed = sealed;
    const all = watched ?? [{ credential: CREDENTIAL, grants: undefined }];
    this.#all = all.map(({ credential, grants }) => {
      const witness = new Witness(credential);
      const owns = (grant: string | undefined) => !grants || grants.includes(grant ?? '');
      witness.watch(this.#world(credential, owns));
      return { credential, witness, owns };
    });
  }

  /** What they remember now. */
  get memories(): Memories {
    const all = this.#all.map(({ witness }) => lean(witness.memory));
    const text = JSON.stringify(all);
    const known = this.#memories.get(text) ?? { number: this.#memories.size + 1, all };
    this.#memories.set(text, known);
    return known;
  }

  /** From now on they look at `state`, as it changes, with what they remembered in it. */
  lookAt(state: WorldState): void {
    this.#current = state;
    this.#isRecalled = false;
  }

  #recall(): void {
    if (this.#isRecalled) return;
    this.#isRecalled = true;
    for (const [place, { witness }] of this.#all.entries()) {
      const memory = this.#current?.memories.all[place];
      if (memory) witness.recall(memory);
    }
  }

  onArrival(): void {
    this.#recall();
    for (const { witness } of this.#all) witness.onArrival();
  }

  onSent(post: Post, grant: string | undefined): void {
    this.#recall();
    for (const { witness, owns } of this.#all) if (owns(grant)) witness.onSent(post);
  }

  /** A call of `container`, and what the stores held before it. */
  onCall(call: PortCall, container: string, side: 'answered' | 'failed' | 'sent', before: Stores): void {
    if (call.port !== 'ledger' || call.operation !== 'save') return;
    this.#recall();
    const item = call.args?.[0] as CredentialRecord;
    const name = transitionName(recordIn(before, item.credential), item);
    for (const { witness } of this.#all) witness.onCall({ ...call, container, name }, side);
  }

  /** The ledger accepted a write of that record. */
  onSave(id: string | undefined, before: Stores, after: Stores): void {
    this.#recall();
    for (const { credential, witness } of this.#all) {
      const record = credential === id ? recordIn(after, credential) : undefined;
      if (record) witness.onSave(recordIn(before, credential), record);
    }
  }

  /**
   * What is broken now, if anything is, and what they remember from now on. Where nothing has happened that they were
   * told of, that depends on nothing but what is asked for here.
   */
  look(state: WorldState): Look {
    if (this.#isRecalled) return this.#looked(state.stores);
    const { stores, memories, arrivals, parties } = state;
    let sight = `${stores.ledger.number} ${stores.vault.number} ${stores.provider.number} ${memories.number} ${arrivals.number}`;
    for (const party of parties) sight += ` ${party.sight}`;
    const before = this.#seen.get(sight);
    if (before) return before;
    this.#recall();
    const seen = this.#looked(stores);
    this.#seen.set(sight, seen);
    return seen;
  }

  #looked(stores: Stores): Look {
    for (const { witness, credential } of this.#all) {
      witness.rescuedPair = rescuedIn(stores, credential);
      witness.look();
    }
    const [first] = this.#all.flatMap(({ witness }) => witness.violations);
    return { violation: first?.message, memories: this.memories };
  }

  #world(credential: string, owns: CredentialWitness['owns']): WitnessedWorld {
    const now = () => {
      if (!this.#current) throw new Error('no state to look at');
      return this.#current;
    };
    const clock = this.#clock;
    return {
      clock,
      timing: TIMING,
      names: NAMES,
      sealed: this.#sealed,
      events: { accepted: [] },
      get record() {
        const record = recordIn(now().stores, credential);
        if (!record) throw new Error(`no record of ${credential}`);
        return record;
      },
      get posts() {
        const { issued } = now().stores.provider.provider;
        return postsOf(now()).filter(({ token }) => owns(issued.get(token)?.grant));
      },
      get provider() {
        const all = [...now().stores.provider.provider.issued].filter(([, { grant }]) => owns(grant));
        return { issued: new Map(all) };
      },
      get replaced() {
        return now().stores.vault.replaced as WitnessedWorld['replaced'];
      },
      get containers() {
        return now().parties.map(asContainer);
      },
    };
  }
}

/** Without the calls themselves: only their names are asked for. */
function lean({ last, ...memory }: WitnessMemory): WitnessMemory {
  const names = last.map(([container, { call, side }]) => {
    const { port, operation, name } = call;
    return [container, { call: { port, operation, name }, side }] as const;
  });
  return { ...memory, last: names };
}
