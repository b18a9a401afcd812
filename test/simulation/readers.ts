import type { Dice } from './dice.ts';
import type { Reading, Strategy, World } from './strategy.ts';
import type { BegunRead, Door } from './witness.ts';

const BETWEEN_READS_MS = { from: 120_000, to: 360_000 } as const;
const SKEW_MS = 1000;

type Habit =
  /** Reads for each use. */
  | 'at-once'
  /** Keeps what it read until `refresh_after`, and uses it once more by then. */
  | 'holding';

/** The workloads of one credential: at each door, and of both habits. They read and use tokens for ever. */
export function startReaders(world: World, strategy: Strategy, credential: string): void {
  const dice = world.dice.named(`readers of ${credential}`);
  const reader = (door: Door, habit: Habit) =>
    new Reader(world, strategy, credential, door, habit, dice.named(`${door} ${habit}`)).start();
  reader('secret', 'at-once');
  reader('secret', 'holding');
  if (strategy.readFunction) reader('function', 'holding');
}

class Reader {
  readonly #world: World;
  readonly #strategy: Strategy;
  readonly #credential: string;
  readonly #door: Door;
  readonly #habit: Habit;
  readonly #dice: Dice;
  readonly #clock: { nowMs(): number };

  constructor(world: World, strategy: Strategy, credential: string, door: Door, habit: Habit, dice: Dice) {
    this.#world = world;
    this.#strategy = strategy;
    this.#credential = credential;
    this.#door = door;
    this.#habit = habit;
    this.#dice = dice;
    const skewMs = dice.between(-SKEW_MS, SKEW_MS);
    this.#clock = { nowMs: () => world.timeline.nowMs + skewMs };
  }

  start(): void {
    this.#later(() => this.#turn());
  }

  async #turn(): Promise<void> {
    const { witness, provider } = this.#world;
    const begun = witness.beginRead(this.#credential, this.#door);
    const reading = await this.#read(begun);
    if (reading && this.#habit === 'holding') this.#useLater(reading);
    if (reading && this.#door === 'function' && !provider.accepts(reading.accessToken)) {
      const again = witness.beginRead(this.#credential, this.#door);
      await this.#read(again, reading.generation);
    }
    this.#later(() => this.#turn());
  }

  async #read(begun: BegunRead, refused?: number): Promise<Reading | undefined> {
    const reading = await this.#ask(refused).catch(() => undefined);
    if (reading) this.#world.witness.handedOut(reading.accessToken, begun);
    return reading;
  }

  async #ask(refused: number | undefined): Promise<Reading | undefined> {
    if (this.#door === 'secret') return this.#strategy.readSecret(this.#credential, this.#clock);
    return this.#strategy.readFunction?.(this.#credential, refused);
  }

  /** The holder was told that nobody replaces the token before `holdUntilMs`, by the clocks of this world. */
  #useLater({ accessToken, holdUntilMs }: Reading): void {
    const { timeline, provider, witness } = this.#world;
    if (!provider.accepts(accessToken)) return;
    const useAtMs = this.#dice.between(timeline.nowMs, holdUntilMs - 2 * SKEW_MS);
    if (useAtMs <= timeline.nowMs) return;
    timeline.at(useAtMs, () => {
      if (!provider.accepts(accessToken)) witness.heldTokensDied += 1;
    });
  }

  #later(work: () => Promise<void>): void {
    const waitMs = this.#dice.between(BETWEEN_READS_MS.from, BETWEEN_READS_MS.to);
    this.#world.timeline.after(waitMs, () => void work());
  }
}
