import type { Dice } from '../dice.ts';
import { tokenUrlOf } from '../population.ts';
import type { Reading, Strategy, World } from '../strategies/strategy.ts';
import type { BegunRead, Door } from '../witness/witness.ts';

/** Pauses are between a half and one and a half of the mean. */
const SPREAD = 0.5;
/** Who got no living token asks again after these, the last one again and again. */
const AGAIN_MS = [2000, 5000, 10_000, 20_000, 30_000] as const;
const SKEW_MS = 1000;
/** With fewer requests left in the provider's window, permits may be used up: clocks differ, and answers take time. */
const ROOM = 3;

type Habit =
  /** Reads for each use. */
  | 'at-once'
  /** Keeps what it read until `refresh_after`, and uses it once more by then. */
  | 'holding';

/** The workloads of one credential: at each door, and of both habits. They read and use tokens for ever. */
export function startReaders(world: World, strategy: Strategy, credential: string): void {
  const { secrets, read } = world.populations.of(credential).readers;
  const dice = world.dice.named(`readers of ${credential}`);
  const start = (door: Door, habit: Habit, index: number) =>
    new Reader(world, strategy, credential, door, habit, dice.named(`${door} ${habit} ${index}`)).start();
  for (let index = 0; index < secrets; index += 1) {
    start('secret', index % 2 === 0 ? 'at-once' : 'holding', index);
  }
  if (!strategy.readFunction) return;
  for (let index = 0; index < read; index += 1) start('function', 'holding', index);
}

class Reader {
  readonly #world: World;
  readonly #strategy: Strategy;
  readonly #credential: string;
  readonly #door: Door;
  readonly #habit: Habit;
  readonly #dice: Dice;
  readonly #clock: { nowMs(): number };
  readonly #everyMs: number;
  /** Reads in a row that brought no living token … */
  #inVain = 0;
  /** … and when the first of them began. */
  #asked = { atMs: 0, hadRoom: false };

  constructor(world: World, strategy: Strategy, credential: string, door: Door, habit: Habit, dice: Dice) {
    this.#world = world;
    this.#strategy = strategy;
    this.#credential = credential;
    this.#door = door;
    this.#habit = habit;
    this.#dice = dice;
    this.#everyMs = world.populations.of(credential).readers.everyMs;
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
    if (reading && this.#door === 'function' && !provider.use(reading.accessToken)) {
      const again = witness.beginRead(this.#credential, this.#door);
      await this.#read(again, reading.generation);
    }
    this.#later(() => this.#turn());
  }

  async #read(begun: BegunRead, refused?: number): Promise<Reading | undefined> {
    const { timeline, witness, provider, populations } = this.#world;
    if (this.#inVain === 0) {
      const tokenUrl = tokenUrlOf(populations.of(this.#credential));
      this.#asked = { atMs: timeline.nowMs, hadRoom: provider.requestsLeft(tokenUrl) >= ROOM };
    }
    const reading = await this.#ask(refused).catch(() => undefined);
    const isAlive = witness.handedOut(reading?.accessToken, begun);
    if (isAlive) witness.waited(timeline.nowMs - this.#asked.atMs, this.#asked.hadRoom);
    this.#inVain = isAlive ? 0 : this.#inVain + 1;
    return reading;
  }

  async #ask(refused: number | undefined): Promise<Reading | undefined> {
    if (this.#door === 'secret')
      return this.#strategy.readSecret(this.#credential, this.#clock, this.#inVain > 0);
    return this.#strategy.readFunction?.(this.#credential, refused);
  }

  /** The holder was told that nobody replaces the token before `holdUntilMs`, by the clocks of this world. */
  #useLater({ accessToken, holdUntilMs }: Reading): void {
    const { timeline, provider, witness } = this.#world;
    if (!provider.accepts(accessToken)) return;
    const useAtMs = this.#dice.between(timeline.nowMs, holdUntilMs - 2 * SKEW_MS);
    if (useAtMs <= timeline.nowMs) return;
    timeline.at(useAtMs, () => {
      if (!provider.use(accessToken)) witness.heldTokensDied += 1;
    });
  }

  #later(work: () => Promise<void>): void {
    const meanMs = this.#everyMs;
    const usualMs = this.#dice.between(meanMs * (1 - SPREAD), meanMs * (1 + SPREAD));
    const againMs = AGAIN_MS[Math.min(this.#inVain, AGAIN_MS.length) - 1] ?? usualMs;
    this.#world.timeline.after(Math.min(usualMs, againMs), () => void work());
  }
}
