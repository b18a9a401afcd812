import { isOver } from './choice.ts';
import type { Violation } from './explore.ts';
import { Transitions } from './transitions.ts';
import type { Rules, WorldModel } from './world-model.ts';

/** The places of the steps in the lists of choices, for a command that replays them. */
export async function placesOf(model: WorldModel, rules: Rules, steps: readonly string[]): Promise<number[]> {
  const transitions = new Transitions(model, await model.prepare(), rules);
  let state = await transitions.begin();
  const places: number[] = [];
  for (const step of steps) {
    const choices = transitions.choices(state);
    const place = choices.findIndex(({ id }) => id === step);
    const choice = choices[place];
    if (!choice) throw new Error(`${step} cannot be taken: the world is not the same again`);
    places.push(place);
    state = await transitions.take(state, choice);
  }
  return places;
}

/** Goes through exactly one order, then lets the world come to rest if the order is at its end. */
export async function replay(model: WorldModel, rules: Rules, places: readonly number[]): Promise<Violation> {
  const transitions = new Transitions(model, await model.prepare(), rules);
  let state = await transitions.begin();
  const steps: string[] = [];
  for (const place of places) {
    const choice = transitions.choices(state)[place];
    if (!choice)
      throw new RangeError(
        '--replay: this order does not lead anywhere; the world is not the one it was made in',
      );
    steps.push(choice.id);
    state = await transitions.take(state, choice);
  }
  const atEnd = state.violation === undefined && isOver(state);
  const what = state.violation ?? (atEnd ? await transitions.finish(state) : undefined);
  return { what: what ?? 'nothing is broken', steps };
}
