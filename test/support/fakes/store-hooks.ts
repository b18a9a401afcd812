import { StoreUnavailableError } from '../../../shared/table/table.ts';

/** On which side of a call's effect something happens. */
export type HookPoint = 'before' | 'after';

/**
 * How a test or a simulation makes any call to an in-memory store fail or wait. `operation` is the
 * method of the port, `name` the key or the secret's name (empty where a call has none).
 */
export interface StoreHooks {
  /**
   * Asked once as the call begins. `before`: the call fails and nothing has happened. `after`: the
   * call takes effect and its answer is lost. Both reject with `StoreUnavailableError`, as the caller
   * of a real store cannot tell them apart either.
   */
  readonly faults?: (operation: string, name: string) => HookPoint | undefined;
  /** Awaited on both sides of the effect; undefined: no wait. The effect itself is always atomic. */
  readonly delay?: (operation: string, name: string, point: HookPoint) => Promise<void> | undefined;
}

/** Runs one atomic `effect` of an in-memory store between its hooks. */
export async function withHooks<Answer>(
  hooks: StoreHooks,
  operation: string,
  name: string,
  effect: () => Answer,
): Promise<Answer> {
  const fault = hooks.faults?.(operation, name);
  await hooks.delay?.(operation, name, 'before');
  if (fault === 'before') throw injected(operation, 'nothing was done');
  const answer = settle(effect);
  await hooks.delay?.(operation, name, 'after');
  if (fault === 'after') throw injected(operation, 'the answer was lost');
  return answer();
}

/** Takes the effect now and hands out its result, or its error, later: a lost answer hides either. */
function settle<Answer>(effect: () => Answer): () => Answer {
  try {
    const answer = effect();
    return () => answer;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function injected(operation: string, what: string): StoreUnavailableError {
  return new StoreUnavailableError(`${operation} failed on demand: ${what}`);
}
