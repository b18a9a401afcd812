import { type Choice, isOver } from './choice.ts';
import { commute } from './commute.ts';
import { Missing } from './missing.ts';
import { type StateKey, StateTable } from './state-table.ts';
import { Transitions } from './transitions.ts';
import type { Rules, WorldModel } from './world-model.ts';
import { keyOf, type WorldState } from './world-state.ts';

export interface ExploreOptions extends Rules {
  /** False: a state that was met before is entered again. */
  readonly merges?: boolean;
  /** CPU time after which it gives up. */
  readonly budgetMs?: number;
}

/** An order that breaks something. */
export interface Violation {
  readonly what: string;
  readonly steps: readonly string[];
}

export interface Exploration {
  /** Orders that were gone through to their ends. */
  readonly orders: number;
  /** Different states that were met. */
  readonly states: number;
  /** Different ends, each of which was let come to rest. */
  readonly ends: number;
  /** Steps that were taken. */
  readonly steps: number;
  /** Steps that were not tried because an equal order had been. */
  readonly skipped: number;
  /** Places in the work of one party, each of which the real code was run to. */
  readonly places: number;
  /** Places that were taken for one and went on alike, and those that did not (with `forgets: false`). */
  readonly compared: number;
  readonly unequal: readonly string[];
  readonly deepest: number;
  readonly seconds: number;
  /** True if no order is left. */
  readonly isComplete: boolean;
  /** Up to how many switches no order is left; -1: not even without one. Only where they are counted. */
  readonly switches?: number;
  readonly violation?: Violation | undefined;
}

const MOST_STEPS = 1000;

/** Steps that were tried before, by their ids. */
type Sleep = ReadonlyMap<string, Choice>;

interface Node {
  readonly state: WorldState;
  readonly todo: readonly Choice[];
  next: number;
  readonly sleep: Sleep;
}

const NONE: ReadonlySet<string> = new Set();
const NOBODY_SLEEPS: Sleep = new Map();

/**
 * Goes through the orders of a world, depth first.
 *
 * Two reductions. Sleep sets (Godefroid, "Partial-Order Methods", 1996): once a step was tried, it is not tried again
 * after steps that it commutes with. And a call whose answer nobody else can change is tried first, alone. A state
 * that was met before is entered again only for steps that slept when it was met. `known`: what has been found out of
 * these steps before.
 */
export async function explore(
  model: WorldModel,
  options: ExploreOptions,
  known?: Transitions,
): Promise<Exploration> {
  const { reduces = true, merges = true, budgetMs = Number.POSITIVE_INFINITY } = options;
  const startMs = cpuMs();
  const transitions = known ?? (await transitionsOf(model, options));
  const met = new StateTable();
  const { ended } = transitions;
  const stack: Node[] = [];
  const path: string[] = [];
  let [orders, skipped, deepest, steps] = [0, 0, 0, 0];
  const report = (isComplete: boolean, what?: string): Exploration => ({
    ...{ orders, states: met.count, ends: ended.count, steps, skipped, deepest, isComplete },
    places: transitions.parties.nodes,
    compared: transitions.parties.compared,
    unequal: transitions.parties.unequal,
    seconds: (cpuMs() - startMs) / 1000,
    ...(what !== undefined && { violation: { what, steps: [...path] } }),
  });

  let state = await transitions.begin();
  let sleep: Sleep = NOBODY_SLEEPS;
  for (;;) {
    if (state.violation) return report(false, state.violation);
    if (steps % 256 === 0 && cpuMs() - startMs >= budgetMs) return report(false);
    if (isOver(state)) {
      orders += 1;
      const end = keyOf(state);
      if (!merges || !ended.get(end)) {
        if (merges) ended.add(end, NONE);
        const broken = await transitions.finish(state);
        if (broken !== undefined) return report(false, broken);
      }
    } else {
      if (path.length >= MOST_STEPS) return report(false, `it does not end within ${MOST_STEPS} steps`);
      const all = transitions.choices(state);
      if (all.length === 0) return report(false, 'nothing can move any more');
      const todo = toTry(reduces ? first(all) : all, sleep, merges ? keyOf(state) : undefined, met);
      skipped += all.length - todo.length;
      stack.push({ state, todo, next: 0, sleep });
    }
    let node = stack.at(-1);
    while (node && node.next >= node.todo.length) {
      stack.pop();
      node = stack.at(-1);
    }
    const choice = node?.todo[node.next];
    if (!node || !choice) return report(true);
    path.length = stack.length - 1;
    sleep = reduces ? sleepAfter(choice, node) : NOBODY_SLEEPS;
    node.next += 1;
    path.push(choice.id);
    deepest = Math.max(deepest, path.length);
    steps += 1;
    try {
      state = transitions.takeNow(node.state, choice);
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      state = await transitions.take(node.state, choice);
    }
  }
}

/** The steps of a world, of which nothing is known yet. */
export async function transitionsOf(model: WorldModel, options: ExploreOptions): Promise<Transitions> {
  return new Transitions(model, await model.prepare(), options);
}

/** CPU time of this thread. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** A party whose next call concerns nobody else goes first, alone, unless time passes. */
export function first(all: readonly Choice[]): readonly Choice[] {
  const found = all.find(({ isPrivate }) => isPrivate);
  if (found?.does.kind !== 'call') return all;
  const { held } = found.does;
  return all.filter(({ does }) => does.kind === 'time' || (does.kind === 'call' && does.held === held));
}

function toTry(
  choices: readonly Choice[],
  sleep: Sleep,
  key: StateKey | undefined,
  met: StateTable,
): readonly Choice[] {
  const awake = sleep.size === 0 ? choices : choices.filter(({ id }) => !sleep.has(id));
  if (key === undefined) return awake;
  const before = met.get(key);
  if (!before) {
    const asleep = awake.length === choices.length ? [] : choices.filter(({ id }) => sleep.has(id));
    met.add(key, asleep.length === 0 ? NONE : new Set(asleep.map(({ id }) => id)));
    return awake;
  }
  const { slept } = before;
  if (slept.size === 0) return [];
  const left = [...slept].filter((id) => sleep.has(id));
  if (left.length < slept.size) met.set(before.id, new Set(left));
  return awake.filter(({ id }) => slept.has(id));
}

/** What need not be tried after `choice`: what was tried before it at its node, as far as they commute. */
function sleepAfter(choice: Choice, { todo, next, sleep }: Node): Sleep {
  if (sleep.size === 0 && next === 0) return NOBODY_SLEEPS;
  const after = new Map<string, Choice>();
  for (const one of sleep.values()) if (commute(one, choice)) after.set(one.id, one);
  for (const one of todo.slice(0, next)) if (commute(one, choice)) after.set(one.id, one);
  return after;
}
