import * as fc from 'fast-check';
import { BEGINNINGS, type Beginning } from './beginnings.ts';

export interface Task {
  readonly ask: Ask;
  /** It begins when so many calls have been made by all, or when nothing else happens any more … */
  readonly afterCalls: number;
  /** … and this later. */
  readonly pauseMs: number;
}

/** What a container of the refresh function is asked for, and what becomes of it. */
export interface Actor {
  readonly tasks: readonly Task[];
  /** It stops for ever at this call; `lands`: the call itself still takes effect. */
  readonly crash?: { readonly call: number; readonly lands: boolean };
  /** Calls that fail: so many in a row. */
  readonly faults: readonly {
    readonly call: number;
    readonly side: 'before' | 'after';
    readonly length: number;
  }[];
}

export type Ask = 'due' | 'force' | 'refused' | 'recover' | 'reseed' | 'pause' | 'resume' | 'remove';

/** Who does what in one run. The scheduler decides in which order, the steps how time passes meanwhile. */
export interface Story {
  readonly actors: readonly Actor[];
  readonly admin: Actor;
  readonly quotaLimit: number;
  readonly begun: Beginning;
  /** Time that passes (ms) while calls are under way. */
  readonly steps: readonly number[];
  /** For each read of the vault whether it is behind. */
  readonly behind: readonly boolean[];
}

const PAUSES_MS = [0, 0, 0, 0, 0, 0, 50, 5000, 30_000, 61_000, 111_000, 150_000];
const STEPS_MS = [1, 100, 1000, 7000, 9000, 20_000, 40_000, 61_000];

function actor(asks: readonly Ask[], maxTasks: number): fc.Arbitrary<Actor> {
  const call = fc.integer({ min: 0, max: 24 });
  const side = fc.constantFrom('before' as const, 'after' as const);
  const task = fc.record({
    ask: fc.constantFrom(...asks),
    afterCalls: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 45 })),
    pauseMs: fc.constantFrom(...PAUSES_MS),
  });
  return fc.record({
    tasks: fc.array(task, { minLength: 1, maxLength: maxTasks, size: 'max' }),
    crash: fc.option(fc.record({ call, lands: fc.boolean() }), { nil: undefined, freq: 1 }),
    faults: fc.array(fc.record({ call, side, length: fc.constantFrom(1, 1, 2, 6, 20) }), { maxLength: 2 }),
  });
}

/** Two or three containers that refresh, and an admin. */
export const stories: fc.Arbitrary<Story> = fc.record({
  actors: fc.array(actor(['due', 'due', 'force', 'refused'], 2), { minLength: 2, maxLength: 3 }),
  admin: actor(['reseed', 'reseed', 'recover', 'pause', 'resume', 'remove'], 2),
  quotaLimit: fc.constantFrom(2, 3, 10),
  begun: fc.constantFrom(...BEGINNINGS),
  steps: fc.array(fc.constantFrom(...STEPS_MS), { maxLength: 5 }),
  behind: fc.array(fc.boolean(), { maxLength: 6 }),
});
