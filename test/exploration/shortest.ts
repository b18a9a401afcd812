import { type Choice, isOver } from './choice.ts';
import { type ExploreOptions, first, type Violation } from './explore.ts';
import { Transitions } from './transitions.ts';
import type { WorldModel } from './world-model.ts';
import { keyOf, type WorldState } from './world-state.ts';

interface Way {
  readonly state: WorldState;
  readonly step?: Choice;
  readonly from?: Way;
}

/** The most states that are kept while looking. */
const MOST_STATES = 150_000;

/** A shortest order that breaks anything, breadth first; undefined if none is found in so many states. */
export async function shortest(
  model: WorldModel,
  options: ExploreOptions,
  mostStates = MOST_STATES,
): Promise<Violation | undefined> {
  const transitions = new Transitions(model, await model.prepare(), options);
  const met = new Set<string>();
  let ways: Way[] = [{ state: await transitions.begin() }];
  while (ways.length > 0 && met.size < mostStates) {
    const longer: Way[] = [];
    for (const way of ways) {
      for (const step of first(transitions.choices(way.state))) {
        const state = await transitions.take(way.state, step);
        const next = { state, step, from: way };
        const what = state.violation ?? (await brokenAtEnd(transitions, state, met));
        if (what !== undefined) return { what, steps: stepsOf(next) };
        const key = keyOf(state).join();
        if (met.has(key)) continue;
        met.add(key);
        longer.push(next);
      }
    }
    ways = longer;
  }
  return undefined;
}

async function brokenAtEnd(
  transitions: Transitions,
  state: WorldState,
  met: ReadonlySet<string>,
): Promise<string | undefined> {
  if (!isOver(state) || met.has(keyOf(state).join())) return undefined;
  return transitions.finish(state);
}

function stepsOf(way: Way): string[] {
  const steps: string[] = [];
  for (let at: Way | undefined = way; at; at = at.from) if (at.step) steps.push(at.step.id);
  return steps.reverse();
}
