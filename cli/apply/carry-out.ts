import type { CommandContext, JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import type { Change } from './plan.ts';

/** Codes after which the same request may do better in a moment: a part of AWS throttled, or did not answer. */
const PASSING = new Set([
  'store-unavailable',
  'refresh-service-unavailable',
  'function-failed',
  'internal',
  'timed-out',
  'being-removed',
]);
const MOST_TRIES = 6;
/** So many at once at most: each registration creates a dozen secrets, and AWS creates 50 a second for an account. */
const MOST_AT_ONCE = 4;
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export interface Done {
  readonly change: Change;
  /** Why it was not done; absent: it was. */
  readonly failure?: { readonly code: string; readonly message: string; readonly remedy?: string };
}

/**
 * Carries out the changes, apps first, a few at a time. What a part that is busy refuses is asked again, ever later
 * and one at a time, so that it goes as fast as the account allows. One that fails stops no other. Gives what became of
 * each, in their order.
 *
 * @param send does one change; rejects with a {@link CommandFailure}.
 */
export async function carryOut(
  { clock }: Pick<CommandContext, 'clock'>,
  changes: readonly Change[],
  send: (change: Change) => Promise<JsonObject>,
  report: (done: Done) => void,
): Promise<readonly Done[]> {
  const results = new Map<Change, Done>();
  let atOnce = MOST_AT_ONCE;
  let busyUntilMs = 0;
  const one = async (change: Change): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      if (busyUntilMs > clock.nowMs()) await clock.sleep(busyUntilMs - clock.nowMs());
      const failure = await send(change).then(() => undefined, failureOf);
      if (!failure || !PASSING.has(failure.code) || tries === MOST_TRIES) {
        // Its first try was done, and its answer was lost.
        const isDone = !failure || (failure.code === 'already-registered' && tries > 1);
        const done = { change, ...(!isDone && { failure }) };
        results.set(change, done);
        report(done);
        return;
      }
      atOnce = 1;
      busyUntilMs = clock.nowMs() + Math.min(LONGEST_PAUSE_MS, PAUSE_MS * 2 ** (tries - 1));
    }
  };
  for (const apps of [true, false]) {
    const queue = changes.filter((change) => (change.do === 'put-app') === apps);
    const worker = async (number: number): Promise<void> => {
      for (let change = queue.shift(); change; change = queue.shift()) {
        await one(change);
        // Throttled once: the others of these workers end here.
        if (number >= atOnce) return;
      }
    };
    await Promise.all(Array.from({ length: MOST_AT_ONCE }, (_, number) => worker(number)));
  }
  return changes.flatMap((change) => results.get(change) ?? []);
}

function failureOf(error: unknown): NonNullable<Done['failure']> {
  if (!(error instanceof CommandFailure)) throw error;
  const { code, message, remedy } = error;
  return { code, message, ...(remedy && { remedy }) };
}
