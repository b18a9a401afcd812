import { type Choice, Execution, type Rules } from './execution.ts';
import { conflict, EVERYTHING } from './footprint.ts';
import type { WorldModel } from './world-model.ts';

export interface ExploreOptions extends Rules {
  /** False: a state that was met before is entered again. */
  readonly merges?: boolean;
  /** The most often that a party is left while it could go on; to find an order that is easy to read. */
  readonly switches?: number;
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
  /** Steps that were not tried because an equal order had been. */
  readonly skipped: number;
  readonly deepest: number;
  readonly seconds: number;
  /** True if no order is left. */
  readonly isComplete: boolean;
  readonly violation?: Violation;
}

const MOST_STEPS = 1000;

interface Node {
  readonly todo: readonly Choice[];
  next: number;
  readonly sleep: ReadonlyMap<string, Choice>;
  readonly switches: number;
  readonly last: string | undefined;
  readonly canGoOn: boolean;
}

/**
 * Goes through the orders of a world, depth first. What cannot be copied (promises) is made anew: for each order the
 * world begins again and repeats the way to where the order leaves the one before.
 *
 * Two reductions. Sleep sets (Godefroid, "Partial-Order Methods", 1996): once a step was tried, it is not tried again
 * after steps that it commutes with. And a call whose answer nobody else can change is tried first, alone. A state
 * that was met before is entered again only for steps that slept when it was met.
 */
export async function explore(model: WorldModel, options: ExploreOptions): Promise<Exploration> {
  const { reduces = true, merges = true, switches, budgetMs = Number.POSITIVE_INFINITY } = options;
  const rules = switches === undefined ? options : { ...options, reduces: true };
  const startMs = cpuMs();
  const beginning = await model.prepare();
  const met = new Map<string, ReadonlySet<string>>();
  const ended = new Set<string>();
  const stack: Node[] = [];
  const path: string[] = [];
  let [orders, skipped, deepest] = [0, 0, 0];
  let sleep: ReadonlyMap<string, Choice> = new Map();
  let [changes, last] = [0, undefined as string | undefined];
  let execution = await Execution.begin(model, beginning, rules);
  const report = (isComplete: boolean, violation?: Violation): Exploration => ({
    orders,
    states: met.size,
    skipped,
    deepest,
    seconds: (cpuMs() - startMs) / 1000,
    isComplete,
    violation,
  });
  const broken = () => report(false, { what: execution.violation ?? '', steps: [...path] });

  for (;;) {
    if (execution.violation) return broken();
    if (cpuMs() - startMs > budgetMs) return report(false);
    let node: Node | undefined;
    if (execution.isOver) {
      orders += 1;
      await endOf(execution, ended, merges);
      if (execution.violation) return broken();
    } else {
      if (path.length >= MOST_STEPS) execution.violation = `it does not end within ${MOST_STEPS} steps`;
      const all = execution.choices();
      if (all.length === 0) execution.violation = 'nothing can move any more';
      if (execution.violation) return broken();
      const ample = reduces && switches === undefined ? first(all) : all;
      const place = switches === undefined ? '' : ` ${changes} ${last}`;
      const todo = toTry(ample, sleep, merges ? execution.key() + place : undefined, met);
      skipped += all.length - todo.length;
      const canGoOn = all.some(({ party }) => party === last);
      node = { todo, next: 0, sleep, switches: changes, last, canGoOn };
      stack.push(node);
    }
    const isAnew = node === undefined || node.todo.length === 0;
    let choice: Choice | undefined;
    while (choice === undefined) {
      node = stack.at(-1);
      if (!node) return report(true);
      choice = node.todo[node.next];
      if (choice) {
        const { party } = choice;
        changes = node.switches + (node.canGoOn && party !== node.last && party !== undefined ? 1 : 0);
        if (switches !== undefined && changes > switches) {
          node.next += 1;
          choice = undefined;
          continue;
        }
        break;
      }
      stack.pop();
    }
    if (isAnew || path.length !== stack.length - 1) {
      path.length = stack.length - 1;
      execution = await Execution.begin(model, beginning, rules);
      execution.isReplaying = true;
      for (const step of path) await execution.take(step);
      execution.isReplaying = false;
    }
    if (!node) return report(true);
    sleep = reduces && switches === undefined ? sleepAfter(choice, node) : new Map();
    node.next += 1;
    last = choice.party ?? node.last;
    path.push(choice.id);
    deepest = Math.max(deepest, path.length);
    await execution.take(choice.id);
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The end of an order; the same end is judged once. */
async function endOf(execution: Execution, ended: Set<string>, merges: boolean): Promise<void> {
  const key = execution.key();
  if (merges && ended.has(key)) return;
  ended.add(key);
  await execution.finish();
}

/** A party whose next call concerns nobody else goes first, alone. */
function first(all: readonly Choice[]): readonly Choice[] {
  const found = all.find(({ isPrivate }) => isPrivate);
  if (!found) return all;
  const call = (id: string) => id.split(' × ')[0];
  return all.filter(({ id }) => call(id) === call(found.id));
}

function toTry(
  choices: readonly Choice[],
  sleep: ReadonlyMap<string, Choice>,
  key: string | undefined,
  met: Map<string, ReadonlySet<string>>,
): readonly Choice[] {
  const awake = choices.filter(({ id }) => !sleep.has(id));
  if (key === undefined) return awake;
  const slept = met.get(key);
  if (!slept) {
    met.set(key, new Set(choices.filter(({ id }) => sleep.has(id)).map(({ id }) => id)));
    return awake;
  }
  if (slept.size === 0) return [];
  met.set(key, new Set([...slept].filter((id) => sleep.has(id))));
  return awake.filter(({ id }) => slept.has(id));
}

/** What need not be tried after `choice`: what was tried before it at its node, as far as they commute. */
function sleepAfter(choice: Choice, { todo, next, sleep }: Node): ReadonlyMap<string, Choice> {
  const after = new Map<string, Choice>();
  for (const one of [...sleep.values(), ...todo.slice(0, next)]) {
    if (commute(one, choice)) after.set(one.id, one);
  }
  return after;
}

/** True if the order of two steps makes no difference. */
function commute(one: Choice, other: Choice): boolean {
  if (one.footprint === EVERYTHING || other.footprint === EVERYTHING) return false;
  const isStruck = one.fault !== undefined || other.fault !== undefined;
  if (one.party === other.party && isStruck) return false;
  if (one.fault !== undefined && other.fault !== undefined) return false;
  return !conflict(one.footprint, other.footprint);
}
