import { Execution, type Rules } from './execution.ts';
import type { Violation } from './explore.ts';
import type { WorldModel } from './world-model.ts';

/** The places of the steps in the lists of choices, for a command that replays them. */
export async function placesOf(model: WorldModel, rules: Rules, steps: readonly string[]): Promise<number[]> {
  const execution = await Execution.begin(model, await model.prepare(), rules);
  const places: number[] = [];
  for (const step of steps) {
    places.push(execution.choices().findIndex(({ id }) => id === step));
    await execution.take(step);
  }
  return places;
}

/** Goes through exactly one order, then lets the world come to rest if the order is at its end. */
export async function replay(model: WorldModel, rules: Rules, places: readonly number[]): Promise<Violation> {
  const execution = await Execution.begin(model, await model.prepare(), rules);
  const steps: string[] = [];
  for (const place of places) {
    const choice = execution.choices()[place];
    if (!choice)
      throw new RangeError(
        '--replay: this order does not lead anywhere; the world is not the one it was made in',
      );
    steps.push(choice.id);
    await execution.take(choice.id);
  }
  if (execution.isOver) await execution.finish();
  return { what: execution.violation ?? 'nothing is broken', steps };
}
