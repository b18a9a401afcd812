import type { Clock } from '../../../shared/clock/clock.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import type { Dice } from '../dice.ts';
import type { CallFault, CallSite, Faults } from '../faults/faults.ts';
import type { Timeline } from '../timeline.ts';

export interface ContainerWorld {
  readonly timeline: Timeline;
  readonly latency: Dice;
  readonly faults: Faults;
}

/** One way, to a store of the same region. */
const HOP_MS = { from: 2, to: 15 } as const;
/** An SDK client gives up on a call that stays without an answer, after its own retries. */
const GIVE_UP_MS = 7500;

/**
 * One Lambda container: a process with memory, a clock of its own, and calls to the world. Everything that
 * it waits for comes back through {@link Container.resume}, so it can die (what it waits for never comes) or
 * be frozen (it comes later) at any await. What it has sent to a store lands nevertheless.
 */
export class Container {
  readonly name: string;
  readonly clock: Clock;
  readonly #world: ContainerWorld;
  readonly #startedAtMs: number;
  readonly #waiting: (() => void)[] = [];
  /** When the process ended; undefined while it lives. */
  diedAtMs: number | undefined;
  #frozenUntilMs = 0;
  #idle = false;
  #idleSinceMs: number | undefined;
  #idleMs = 0;
  #wasFrozen = false;
  /** Its time-out has killed it although nothing had frozen it since it was invoked: it took on more than it had time for. */
  wasTooSlow = false;
  onDeath: () => void = () => undefined;

  constructor(name: string, skewMs: number, startedAtMs: number, world: ContainerWorld) {
    this.name = name;
    this.#world = world;
    this.#startedAtMs = startedAtMs;
    this.clock = {
      nowMs: () => world.timeline.nowMs + skewMs,
      monotonicMs: () => (this.#idleSinceMs ?? world.timeline.nowMs) - this.#startedAtMs - this.#idleMs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  get alive(): boolean {
    return this.diedAtMs === undefined;
  }

  die(): void {
    if (!this.alive) return;
    this.diedAtMs = this.#world.timeline.nowMs;
    this.#waiting.length = 0;
    this.onDeath();
  }

  /** Its function's time-out kills it. */
  timeOut(): void {
    this.wasTooSlow = !this.#wasFrozen;
    this.die();
  }

  /** Between two invocations nothing of it runs, its monotonic clock neither: Lambda suspends the machine. */
  setIdle(idle: boolean): void {
    const { nowMs } = this.#world.timeline;
    this.#idle = idle;
    this.#idleMs += nowMs - (this.#idleSinceMs ?? nowMs);
    this.#idleSinceMs = idle ? nowMs : undefined;
    if (idle) return;
    this.#wasFrozen = false;
    this.#thaw();
  }

  freeze(ms: number): void {
    const { timeline } = this.#world;
    this.#wasFrozen = true;
    this.#frozenUntilMs = Math.max(this.#frozenUntilMs, timeline.nowMs + ms);
    timeline.at(this.#frozenUntilMs, () => this.#thaw());
  }

  /** Runs `work` in the container: now, or when it is no longer frozen, or never if it is dead. */
  resume(work: () => void): void {
    if (!this.alive) return;
    if (this.#idle || this.#world.timeline.nowMs < this.#frozenUntilMs) this.#waiting.push(work);
    else work();
  }

  /** Meets what is to happen to it at this point of a call, then goes on. */
  meet(fault: CallFault | undefined, point: 'before' | 'after', work: () => void): void {
    if (fault?.point === point) {
      if (fault.do === 'crash') this.die();
      if (fault.do === 'freeze') this.freeze(fault.ms);
    }
    this.resume(work);
  }

  /**
   * A call of a store: `effect` takes place once it has got there, whatever has become of the caller. Rejects
   * as the effect does, or with {@link StoreUnavailableError} by a fault or when `signal` aborts.
   */
  call<Answer>(site: CallSite, effect: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    const { timeline, latency, faults } = this.#world;
    return new Promise((resolve, reject) => {
      if (!this.alive) return;
      const fault = faults.atCall(site);
      const hop = () => latency.between(HOP_MS.from, HOP_MS.to);
      const giveUp = () => reject(unavailable(site));
      const comeBack = (settle: () => void) => {
        timeline.after(hop(), () => this.resume(() => this.meet(fault, 'after', settle)));
      };
      const land = () => {
        if (fault?.do === 'error' && fault.point === 'before') return comeBack(giveUp);
        effect().then(
          (answer) =>
            comeBack(fault?.do === 'error' && fault.point === 'after' ? giveUp : () => resolve(answer)),
          (error) => comeBack(() => reject(error)),
        );
      };
      this.meet(fault, 'before', () => {
        signal?.addEventListener('abort', giveUp, { once: true });
        if (fault?.do === 'late') {
          timeline.after(GIVE_UP_MS, () => this.resume(giveUp));
          timeline.after(GIVE_UP_MS + fault.ms, () => void effect().catch(() => undefined));
          return;
        }
        if (fault?.do === 'twice') timeline.after(hop(), () => void effect().catch(() => undefined));
        timeline.after(hop() + (fault?.do === 'slow' || fault?.do === 'twice' ? fault.ms : 0), land);
      });
    });
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { timeline, faults } = this.#world;
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waking = timeline.after(ms, () =>
        this.resume(() => {
          this.meet(faults.atCall({ port: 'clock', operation: 'sleep' }), 'after', wake);
        }),
      );
      const abandon = () => {
        waking.cancel();
        resolve();
      };
      const wake = () => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      };
      signal?.addEventListener('abort', abandon, { once: true });
    });
  }

  #thaw(): void {
    const { timeline } = this.#world;
    if (this.#idle || timeline.nowMs < this.#frozenUntilMs) return;
    for (const work of this.#waiting.splice(0)) timeline.after(0, () => this.resume(work));
  }
}

function unavailable({ port, operation }: CallSite): StoreUnavailableError {
  return new StoreUnavailableError(`${port} ${operation} failed in the simulation`);
}
