import { secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import { Container } from '../crash/container.ts';
import type { Passage, PortCall } from '../crash/port-calls.ts';
import type { SealedValues } from '../crash/ring-sealer.ts';
import type { Surroundings } from '../crash/surroundings.ts';
import type { Post } from '../crash/watched-endpoint.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryTelemetry } from '../support/fakes/memory-telemetry.ts';
import { Numbers } from './numbers.ts';
import type { Alter, Party } from './world-model.ts';

/** What a store or the provider has answered. */
export type Answer = { readonly value: unknown } | { readonly error: unknown };

/** What may happen to a party. */
export type PartyEvent =
  | { readonly kind: 'start' }
  /** Time has come to one of its timers. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'answer'; readonly call: string; readonly answer: Answer; readonly fault?: AnswerFault };

/** How an answer comes, other than at once. */
export type AnswerFault = 'freeze' | 'late answer';

/** A call that a party waits for. */
interface Held {
  /** Party, port, operation and key; the same in every order in which its party comes to it. */
  readonly id: string;
  readonly call: PortCall;
  /** When it was made (monotonic): its caller gives up so much later. */
  readonly madeAtMs: number;
}

/** What others can see of a party, once nothing more happens by itself. */
export interface PartyView {
  readonly held: readonly Held[];
  /** When its timers wake it (monotonic), the next one first. */
  readonly wakesAtMs: readonly number[];
  /** What it was asked for, or how that failed; absent: it has not come yet. */
  readonly result: { readonly value: unknown; readonly error?: unknown } | undefined;
  /** Something goes on in its container all the same. */
  readonly isBusy: boolean;
  readonly isDead: boolean;
  readonly endsAtMs: number;
  readonly posts: readonly Post[];
  readonly unstored: Container['context']['unstored'];
  /** Log lines in which there was a secret. */
  readonly leaks: readonly string[];
}

/** What every run of a party begins with. */
export interface Setting {
  readonly nowMs: number;
  readonly sealed: SealedValues;
  readonly alter?: Alter | undefined;
  /** False: places that differ in when a party was told what it knows are told apart. */
  readonly forgets?: boolean | undefined;
}

/** Longer than a lease, shorter than an invocation. */
const FREEZE_MS = 90_000;
/** A store's answer comes just before its caller gives up, a provider's too. */
const LATE_STORE_MS = 7000;
const LATE_PROVIDER_MS = 30_000;

const DRAWN = new Numbers();

interface Waiting extends Held {
  readonly goOn: () => void;
}

/**
 * The real use case of one party in a container, alone: each call of a port is held until it is told what the answer
 * is. What it does depends on nothing but the events that it is given.
 */
export class PartyRun {
  readonly #party: Party;
  readonly #clock: ManualClock;
  readonly #container: Container;
  readonly #waiting: Waiting[] = [];
  readonly #posts: Post[] = [];
  readonly #leaks: string[] = [];
  #result: PartyView['result'];
  #answer: Answer = { value: undefined };
  #fault: AnswerFault | undefined;
  /** What has just happened, how often that was, and how many ids were drawn upon it. */
  #cause = '';
  readonly #times = new Map<string, number>();
  #drawn = 0;

  constructor(party: Party, { nowMs, sealed, alter }: Setting) {
    this.#party = party;
    this.#clock = new ManualClock(nowMs + (party.skewMs ?? 0));
    this.#container = new Container(this.#surroundings(sealed), party.name, this.#passage());
    const { context } = this.#container;
    if (alter) Object.assign(context, alter(context, this.#container));
  }

  /** Lets an event happen at `atMs` (monotonic), and all that follows from it by itself. */
  async follow(atMs: number, event: PartyEvent): Promise<void> {
    const cause = event.kind === 'answer' ? event.call : event.kind;
    const times = (this.#times.get(cause) ?? 0) + 1;
    this.#times.set(cause, times);
    this.#cause = `${cause} ${times}`;
    this.#drawn = 0;
    const aheadMs = atMs - this.#clock.monotonicMs();
    if (aheadMs > 0) await this.#clock.advance(aheadMs);
    if (event.kind === 'start') this.#start();
    if (event.kind === 'answer') this.#deliver(event);
    await drained();
  }

  view(): PartyView {
    const { isDead, isFree, endsAtMs, context } = this.#container;
    return {
      isBusy: !isDead && !isFree,
      held: isDead ? [] : this.#waiting.map(({ goOn: _, ...held }) => held),
      wakesAtMs: this.#clock.wakesAtMs,
      result: this.#result,
      isDead,
      endsAtMs,
      posts: this.#posts.map((post) => ({ ...post })),
      unstored: new Map(context.unstored),
      leaks: [...this.#leaks],
    };
  }

  #start(): void {
    this.#party.act(this.#container).then(
      (value) => {
        this.#result = { value };
      },
      (error: unknown) => {
        this.#result = { value: String(error), error };
      },
    );
  }

  #deliver({ call, answer, fault }: Extract<PartyEvent, { kind: 'answer' }>): void {
    const place = this.#waiting.findIndex(({ id }) => id === call);
    const [waiting] = place < 0 ? [] : this.#waiting.splice(place, 1);
    if (!waiting) throw new Error(`${call} is not held: the party does not do the same again`);
    this.#answer = answer;
    this.#fault = fault;
    waiting.goOn();
  }

  #passage(): Passage {
    return {
      before: (call) =>
        new Promise((goOn) => {
          const madeAtMs = this.#clock.monotonicMs();
          this.#waiting.push({ id: this.#idOf(call), call, madeAtMs, goOn });
        }),
      after: async ({ port }) => {
        const ms = delayMs(port, this.#fault);
        if (this.#fault === 'freeze') this.#container.frozenUntilMs = this.#clock.monotonicMs() + ms;
        if (ms > 0) await this.#clock.sleep(ms);
      },
    };
  }

  /** Equal calls that are held at the same time are numbered. */
  #idOf({ port, operation, key = '' }: PortCall): string {
    const label = `${this.#party.name}: ${[port, operation, key].join(' ').trim()}`;
    let id = label;
    for (let number = 2; this.#waiting.some((waiting) => waiting.id === id); number += 1)
      id = `${label} (${number})`;
    return id;
  }

  /** Stores and a provider that answer what the party is told. */
  #surroundings(sealed: SealedValues): Surroundings {
    const answered = async () => this.#told();
    const table = { load: answered, save: answered };
    const random = { id: () => this.#draw(), fraction: () => 0 };
    const secrets = { get: answered, put: answered, create: answered, retag: answered, remove: answered };
    const shared = {
      clock: this.#clock,
      provider: { answer: () => this.#told() },
      ledger: {
        ...table,
        due: answered,
        list: () => this.#told(),
        sharing: () => this.#told(),
        attention: () => this.#told(),
        items: (): CredentialRecord[] => [],
      },
      quotaTable: table,
      timestampsTable: table,
      secrets,
      events: { publish: answered },
      telemetry: new MemoryTelemetry(),
      names: secretNames('renova/prd'),
      timing: timing(1),
      random,
      sealed,
      watcher: {
        onLog: (line: string) => {
          if (line.includes('fake-')) this.#leaks.push(line);
        },
      },
      replaced: new Map(),
      isBehind: () => false,
      posts: this.#posts,
    };
    return shared as unknown as Surroundings;
  }

  /** Named by what it is drawn upon, so that concurrent steps draw the same ids in either order. */
  #draw(): string {
    this.#drawn += 1;
    return `${this.#party.name}-drew-${DRAWN.of(`${this.#cause} ${this.#drawn}`)}`;
  }

  #told(): unknown {
    if ('error' in this.#answer) throw this.#answer.error;
    return this.#answer.value;
  }
}

/** How long after its effect an answer comes. */
export function delayMs(port: PortCall['port'], fault: AnswerFault | undefined): number {
  if (fault === 'freeze') return FREEZE_MS;
  if (fault === undefined) return 0;
  return port === 'provider' ? LATE_PROVIDER_MS : LATE_STORE_MS;
}

/** What a caller of a store is told whose call was refused, or whose answer was lost. */
export const unanswered = (): Answer => ({ error: new StoreUnavailableError('no answer') });

/** Every promise reaction has run: a tick comes when no microtask is left, without a turn of the event loop. */
function drained(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
