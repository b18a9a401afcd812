import type { Invocation } from '../../../shared/refresh/context.ts';
import type { Dice } from '../dice.ts';
import { Container, type ContainerWorld } from './container.ts';

/** Clocks of containers are this far from true time at most. */
const SKEW_MS = 1000;
const COLD_START_MS = { from: 200, to: 900 } as const;
/** Of a cold start: before there is a process. */
const MACHINE_STARTS_MS = 100;
const WARM_START_MS = { from: 2, to: 20 } as const;

/** The invocation ended without a result: the process died or was killed at its time-out. */
export class InvocationFailed extends Error {
  readonly code = 'invocation-failed';
  override readonly name = 'InvocationFailed';
}

export interface PoolOptions<Context> {
  readonly name: string;
  readonly timeoutMs: number;
  /** Invocations at a time; more are refused (reserved concurrency). */
  readonly concurrency?: number;
  readonly dice: Dice;
  /** How long a container is kept warm at most. */
  readonly lifeMs: () => number;
  /** What a cold container sets up: its memory. */
  readonly build: (container: Container) => Context;
}

interface Warm<Context> {
  readonly container: Container;
  readonly context: Context;
  readonly goneAtMs: number;
}

/** The containers of one function: an invocation takes one that is idle, or a cold one. */
export class Pool<Context> {
  readonly #world: ContainerWorld;
  readonly #options: PoolOptions<Context>;
  readonly #idle: Warm<Context>[] = [];
  #born = 0;
  #busy = 0;

  constructor(world: ContainerWorld, options: PoolOptions<Context>) {
    this.#world = world;
    this.#options = options;
  }

  /** Runs `work` in a container. Rejects as `work` does, or with {@link InvocationFailed}. */
  invoke<Answer>(work: (context: Context, run: Invocation) => Promise<Answer>): Promise<Answer> {
    const { timeline } = this.#world;
    const { dice, concurrency = Number.POSITIVE_INFINITY } = this.#options;
    return new Promise((resolve, reject) => {
      if (this.#busy >= concurrency) return reject(new InvocationFailed('throttled'));
      this.#busy += 1;
      const found = this.#takeIdle();
      const start = found ? WARM_START_MS : COLD_START_MS;
      const startedAtMs = timeline.nowMs + MACHINE_STARTS_MS;
      timeline.after(dice.between(start.from, start.to), () => {
        const warm = found ?? this.#cold(startedAtMs);
        const { container, context } = warm;
        const endMs = timeline.nowMs + this.#options.timeoutMs;
        const finish = (settle: () => void) => {
          timeOut.cancel();
          this.#busy -= 1;
          container.onDeath = () => undefined;
          if (container.alive) {
            container.setIdle(true);
            this.#idle.push(warm);
          }
          settle();
        };
        const timeOut = timeline.at(endMs, () => container.timeOut());
        container.onDeath = () => finish(() => reject(new InvocationFailed('the process ended')));
        container.setIdle(false);
        work(context, { remainingMs: () => endMs - timeline.nowMs }).then(
          (answer) => finish(() => resolve(answer)),
          (error) => finish(() => reject(error)),
        );
      });
    });
  }

  #takeIdle(): Warm<Context> | undefined {
    for (let warm = this.#idle.pop(); warm; warm = this.#idle.pop()) {
      if (warm.container.alive && this.#world.timeline.nowMs < warm.goneAtMs) return warm;
      warm.container.die();
    }
    return undefined;
  }

  #cold(startedAtMs: number): Warm<Context> {
    const { name, dice, lifeMs, build } = this.#options;
    this.#born += 1;
    const skewMs = dice.between(-SKEW_MS, SKEW_MS);
    const container = new Container(`${name}-${this.#born}`, skewMs, startedAtMs, this.#world);
    return { container, context: build(container), goneAtMs: this.#world.timeline.nowMs + lifeMs() };
  }
}
