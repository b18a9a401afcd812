import { type ExploreOptions, explore, type Violation } from './explore.ts';
import type { WorldModel } from './world-model.ts';

const MOST_SWITCHES = 6;
const BUDGET_MS = 15_000;

/**
 * The order that is easiest to read: the one with the fewest changes of hand that breaks anything, if one is found in
 * 15 s of CPU time; of the one that was found otherwise.
 */
export async function easiest(
  model: WorldModel,
  options: ExploreOptions,
  found: Violation,
): Promise<Violation> {
  for (let switches = 0; switches <= MOST_SWITCHES; switches += 1) {
    const { violation, isComplete } = await explore(model, { ...options, switches, budgetMs: BUDGET_MS });
    if (violation) return violation;
    if (!isComplete) break;
  }
  return found;
}
