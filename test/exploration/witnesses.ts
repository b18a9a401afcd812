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
import { asContainer, postsOf, recordIn, rescuedIn, type WorldState } from './world-state.ts';

const TIMING = timing(1);
const NAMES = secretNames('renova/prd');

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
  #current: WorldState | undefined;

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

  get memories(): readonly WitnessMemory[] {
    return this.#all.map(({ witness }) => witness.memory);
  }

  /** From now on they look at `state`, as it changes, with what they remembered in it. */
  lookAt(state: WorldState): void {
    this.#current = state;
    for (const [place, { witness }] of this.#all.entries()) {
      const memory = state.memories[place];
      if (memory) witness.recall(memory);
    }
  }

  onArrival(): void {
    for (const { witness } of this.#all) witness.onArrival();
  }

  onSent(post: Post, grant: string | undefined): void {
    for (const { witness, owns } of this.#all) if (owns(grant)) witness.onSent(post);
  }

  /** A call of `container`, and what the stores held before it. */
  onCall(call: PortCall, container: string, side: 'answered' | 'failed' | 'sent', before: Stores): void {
    if (call.port !== 'ledger' || call.operation !== 'save') return;
    const item = call.args?.[0] as CredentialRecord;
    const name = transitionName(recordIn(before, item.credential), item);
    for (const { witness } of this.#all) witness.onCall({ ...call, container, name }, side);
  }

  /** The ledger accepted a write of that record. */
  onSave(id: string | undefined, before: Stores, after: Stores): void {
    for (const { credential, witness } of this.#all) {
      const record = credential === id ? recordIn(after, credential) : undefined;
      if (record) witness.onSave(recordIn(before, credential), record);
    }
  }

  /** What is broken now, if anything is. */
  async look({ stores }: WorldState): Promise<string | undefined> {
    for (const { witness, credential } of this.#all) {
      witness.rescuedPair = await rescuedIn(stores, credential);
      witness.look();
      const [first] = witness.violations;
      if (first) return first.message;
    }
    return undefined;
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
        const { issued } = now().stores.provider;
        return postsOf(now()).filter(({ token }) => owns(issued.get(token)?.grant));
      },
      get provider() {
        const all = [...now().stores.provider.issued].filter(([, { grant }]) => owns(grant));
        return { issued: new Map(all) };
      },
      get replaced() {
        return now().stores.replaced as WitnessedWorld['replaced'];
      },
      get containers() {
        return now().parties.map(asContainer);
      },
    };
  }
}
