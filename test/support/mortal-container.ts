import { FUNCTIONS } from '../../shared/config/functions.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../../shared/refresh/context.ts';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import type { EndedProcess, ProcessOptions, RefreshProcesses } from '../../shared/refresh/tick/processes.ts';
import { tick } from '../../shared/refresh/tick/tick.ts';
import type { World } from './world.ts';

/** A call of a port that is about to be made (`before`), or has been answered. */
export interface MortalCall {
  readonly process: MortalProcess;
  readonly side: 'before' | 'after';
  readonly port: string;
  readonly operation: string;
  readonly args: readonly unknown[];
}

export type OnMortalCall = (call: MortalCall) => void | Promise<void>;

/** What is iterated is not a promise. */
const ITERATORS: ReadonlySet<PropertyKey> = new Set(['list', 'sharing', 'attention']);

const NEVER = new Promise<never>(() => undefined);
const PORTS = [
  'ledger',
  'sealer',
  'clientSecrets',
  'rescue',
  'publication',
  'tokenEndpoint',
  'quota',
  'events',
  'timestamps',
  'clock',
] as const satisfies readonly (keyof RefreshContext)[];

/** A process of the refresh function in virtual time: once it is dead, nothing of it happens any more. */
export class MortalProcess {
  readonly context: RefreshContext;
  readonly #died = Promise.withResolvers<'died'>();
  /** Dead, or in a loop that never ends: nothing else of it happens either way. */
  isStill = false;

  constructor(world: World, onCall: OnMortalCall, processes?: RefreshProcesses) {
    const context = { ...world.newContainer(), processes };
    const watched = PORTS.map((port) => [port, this.#watch(port, context[port], onCall)]);
    this.context = { ...context, ...Object.fromEntries(watched) };
  }

  get died(): Promise<'died'> {
    return this.#died.promise;
  }

  die(): void {
    this.isStill = true;
    this.#died.resolve('died');
  }

  #watch<Port extends object>(port: string, target: Port, onCall: OnMortalCall): Port {
    return new Proxy(target, {
      get: (_, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        const isAsync = port !== 'clock' || name === 'sleep';
        if (!isAsync || ITERATORS.has(name)) return member.bind(target);
        return async (...args: unknown[]) => {
          const call = { process: this, port, operation: String(name), args };
          if (this.isStill) await NEVER;
          if (port !== 'clock') await onCall({ ...call, side: 'before' });
          if (this.isStill) await NEVER;
          const answer: unknown = await member.apply(target, args);
          if (this.isStill) await NEVER;
          if (port !== 'clock') await onCall({ ...call, side: 'after' });
          if (this.isStill) await NEVER;
          return answer;
        };
      },
    });
  }
}

const MOST_PROCESSES = 2;

/** {@link RefreshProcesses} in virtual time, one refresh at a time in each. */
export class MortalProcesses implements RefreshProcesses {
  readonly #world: World;
  readonly #onCall: OnMortalCall;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(world: World, onCall: OnMortalCall) {
    this.#world = world;
    this.#onCall = onCall;
  }

  async refresh(
    credential: string,
    { priority }: ProcessOptions,
    invocation: Invocation,
  ): Promise<RefreshResult | EndedProcess> {
    if (this.#running >= MOST_PROCESSES) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    const place = new MortalProcess(this.#world, this.#onCall);
    const { clock, timing } = this.#world;
    try {
      const done = await Promise.race([
        refreshCredential(place.context, invocation, credential, { priority }),
        place.died,
        clock.sleep(timing.leaseMs).then(() => 'died' as const),
      ]);
      if (done !== 'died') return done;
      place.die();
      return { result: 'ended', isAlone: true };
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  close(): void {}
}

/** Runs a tick in a process as Lambda does; resolves when it has ended, however. */
export async function tickIn(world: World, process: MortalProcess): Promise<void> {
  const endsAtMs = world.clock.monotonicMs() + FUNCTIONS.refresh.timeoutSeconds * 1000;
  const invocation = { remainingMs: () => endsAtMs - world.clock.monotonicMs() };
  const ended = world.clock.sleep(FUNCTIONS.refresh.timeoutSeconds * 1000).then(() => 'died' as const);
  const done = await Promise.race([tick(process.context, invocation), process.died, ended]);
  if (done === 'died') process.die();
}
