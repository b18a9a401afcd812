import { type Choice, isOver } from './choice.ts';
import { cpuMs, type Exploration, type ExploreOptions, explore, first, transitionsOf } from './explore.ts';
import { keyOfNumbers, StateTable } from './state-table.ts';
import type { Transitions } from './transitions.ts';
import type { WorldModel } from './world-model.ts';
import { keyOf, type WorldState } from './world-state.ts';

/** A state, who has come to it, and how. */
interface Place {
  readonly state: WorldState;
  /** The party whose turn it is. */
  readonly turn: string | undefined;
  readonly trail: Trail | undefined;
}

/** The steps of an order, the last one first. */
interface Trail {
  readonly step: string;
  readonly depth: number;
  readonly before: Trail | undefined;
}

/** So many states may wait for their turn: what memory holds. */
const MOST_WAITING = 3_000_000;

const NONE: ReadonlySet<string> = new Set();

/** Goes through all orders if half of the budget is enough; else, with the other half, through those of the fewest switches. */
export async function exploreAsFar(model: WorldModel, options: ExploreOptions): Promise<Exploration> {
  const half = { ...options, budgetMs: (options.budgetMs ?? Number.POSITIVE_INFINITY) / 2 };
  const known = await transitionsOf(model, half);
  const found = await explore(model, half, known);
  return found.isComplete || found.violation ? found : exploreBySwitches(model, half, known);
}

/**
 * Goes through the orders of a world that is too large to go through all of them: first those in which each party goes
 * on for as long as it can, then those with one switch from a party that could have gone on to something else, then
 * those with two, and so on until the time is up (Musuvathi and Qadeer, "Iterative Context Bounding", 2007). So the
 * part that was gone through has a name, and what needs few switches to go wrong is found early.
 *
 * A step that concerns nobody else is tried first, alone, as in {@link explore}, and takes nobody's turn. No step
 * sleeps: which steps were tried before says nothing of how many switches they took.
 */
export async function exploreBySwitches(
  model: WorldModel,
  options: ExploreOptions,
  known?: Transitions,
): Promise<Exploration> {
  const { budgetMs = Number.POSITIVE_INFINITY } = options;
  const startMs = cpuMs();
  const transitions = known ?? (await transitionsOf(model, options));
  const { ended } = transitions;
  const met = new StateTable();
  let [orders, deepest, steps, switches] = [0, 0, 0, 0];
  const report = (isComplete: boolean, broken?: { what: string; trail: Trail | undefined }): Exploration => ({
    ...{ orders, states: met.count, ends: ended.count, steps, skipped: 0, deepest, isComplete },
    ...{ places: transitions.parties.nodes, compared: 0, unequal: [], switches: switches - 1 },
    seconds: (cpuMs() - startMs) / 1000,
    ...(broken && { violation: { what: broken.what, steps: stepsOf(broken.trail) } }),
  });

  let reached: Place[] = [{ state: await transitions.begin(), turn: undefined, trail: undefined }];
  for (; reached.length > 0; switches += 1) {
    const later: Place[] = [];
    for (let place = reached.pop(); place; place = reached.pop()) {
      const { state, turn, trail } = place;
      if (state.violation) return report(false, { what: state.violation, trail });
      const isTimeUp = steps % 256 === 0 && cpuMs() - startMs >= budgetMs;
      if (isTimeUp || reached.length + later.length > MOST_WAITING) return report(false);
      if (isOver(state)) {
        orders += 1;
        const end = keyOf(state);
        if (ended.get(end)) continue;
        ended.add(end, NONE);
        const what = await transitions.finish(state);
        if (what !== undefined) return report(false, { what, trail });
        continue;
      }
      const key = keyOfNumbers([...keyOf(state), turnNumber(state, turn)]);
      if (met.get(key)) continue;
      met.add(key, NONE);
      const all = transitions.choices(state);
      if (all.length === 0) return report(false, { what: 'nothing can move any more', trail });
      for (const choice of first(all)) {
        steps += 1;
        const next = {
          state: await transitions.take(state, choice),
          turn: choice.isPrivate || choice.party === undefined ? turn : choice.party,
          trail: { step: choice.id, depth: (trail?.depth ?? 0) + 1, before: trail },
        };
        deepest = Math.max(deepest, next.trail.depth);
        (isSwitch(all, choice, turn) ? later : reached).push(next);
      }
    }
    reached = later;
  }
  return report(true);
}

/** Something else goes on although the party whose turn it is could. */
function isSwitch(all: readonly Choice[], choice: Choice, turn: string | undefined): boolean {
  if (choice.isPrivate || turn === undefined || choice.party === turn) return false;
  return all.some(({ party }) => party === turn);
}

function turnNumber({ parties }: WorldState, turn: string | undefined): number {
  return parties.findIndex(({ party }) => party.name === turn);
}

function stepsOf(trail: Trail | undefined): string[] {
  const steps: string[] = [];
  for (let at = trail; at; at = at.before) steps.push(at.step);
  return steps.reverse();
}
