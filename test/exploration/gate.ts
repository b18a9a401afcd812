import { StoreUnavailableError } from '../../shared/table/table.ts';
import type { Container } from '../crash/container.ts';
import type { Passage, PortCall } from '../crash/port-calls.ts';

/** What can go wrong with one call. */
export const FAULTS = [
  /** It takes effect, and the process ends. (Before a call is after the one before it.) */
  'crash',
  /** It takes effect, and the process stands still for longer than a lease. */
  'freeze',
  /** It is refused: a throttle. The provider answers 429. */
  'throttle',
  /** It takes effect, and the answer is lost. */
  'lost answer',
  /** It is on its way for so long that its caller gives up; it takes effect later. */
  'late write',
  /** It takes effect at once, and the answer takes its time. */
  'late answer',
  /** A read of the vault that does not see the last write yet. */
  'stale read',
] as const;
export type Fault = (typeof FAULTS)[number];

/** A call that is held. */
export interface Held {
  /** The same in every order in which its party has come to it. */
  readonly id: string;
  readonly party: string;
  readonly call: PortCall;
  /** True once it is late: its caller gives up, and time does not wait for it. */
  isLate: boolean;
}

/** Longer than a lease, shorter than an invocation. */
const FREEZE_MS = 90_000;
/** A store's answer comes just before its caller gives up, a provider's too. */
const LATE_STORE_MS = 7000;
const LATE_PROVIDER_MS = 30_000;
const NEVER = new Promise<never>(() => undefined);

interface Entry extends Held {
  readonly container: Container;
  readonly goOn: (fault: Fault | undefined) => void;
}

/** Holds every call of every party until it is let go, by itself, with or without a fault. */
export class Gate {
  readonly #held = new Map<string, Entry>();
  readonly #counts = new Map<string, number>();
  readonly #faults = new Map<PortCall, Fault | undefined>();
  /** True: nothing is held any more. */
  isOpen = false;

  /** What is held, in the order of the parties' names. */
  get held(): readonly Held[] {
    return [...this.#held.values()];
  }

  passage(party: string, container: () => Container): Passage {
    return {
      before: async (call) => {
        const fault = this.isOpen ? undefined : await this.#hold(party, call, container());
        if (fault === undefined) return;
        if (fault === 'throttle' && call.operation !== 'post') throw new StoreUnavailableError('throttled');
        this.#faults.set(call, fault);
      },
      after: async (call) => {
        const fault = this.#faults.get(call);
        if (fault === undefined) return;
        this.#faults.delete(call);
        await this.#suffer(fault, call, container());
      },
    };
  }

  /** Lets one call go. */
  release(id: string, fault?: Fault): void {
    const entry = this.#held.get(id);
    if (!entry) throw new Error(`nothing is held as ${id}: the world is not the same again`);
    if (fault === 'late write') {
      entry.isLate = true;
      return;
    }
    this.#held.delete(id);
    entry.goOn(fault);
  }

  /** Lets everything go, in the order in which it came. */
  open(): void {
    this.isOpen = true;
    for (const [id, { goOn }] of this.#held) {
      this.#held.delete(id);
      goOn(undefined);
    }
  }

  /** What a dead process has not sent yet is never sent. */
  drop(party: string): void {
    for (const [id, entry] of this.#held) if (entry.party === party && !entry.isLate) this.#held.delete(id);
  }

  #hold(party: string, call: PortCall, container: Container): Promise<Fault | undefined> {
    const label = `${party}: ${[call.port, call.operation, call.key].join(' ').trim()}`;
    const count = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, count);
    const id = count === 1 ? label : `${label} (${count})`;
    return new Promise((goOn) => {
      this.#held.set(id, { id, party, call, container, goOn, isLate: false });
    });
  }

  async #suffer(fault: Fault, { port, container: party }: PortCall, container: Container): Promise<void> {
    const { clock } = container.context;
    switch (fault) {
      case 'crash':
        container.isDead = true;
        this.drop(party);
        return NEVER;
      case 'freeze':
        container.frozenUntilMs = clock.monotonicMs() + FREEZE_MS;
        return clock.sleep(FREEZE_MS);
      case 'lost answer':
        throw new StoreUnavailableError('the answer was lost');
      case 'late answer':
        return clock.sleep(port === 'provider' ? LATE_PROVIDER_MS : LATE_STORE_MS);
      case 'throttle':
      case 'late write':
      case 'stale read':
        return;
    }
  }
}
