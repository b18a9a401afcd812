import { type Clock, WOKEN } from '../shared/clock/clock.ts';
import type { Output } from './context.ts';

/** A person begins to wonder then. */
const LONG_MS = 4000;

/**
 * Gives the answer, and says once on a terminal that it is still waited for: a first refresh takes up to 20 s, and silence
 * looks like a fault.
 */
export async function saidWhileWaiting<Answer>(
  { clock, stderr }: { readonly clock: Clock; readonly stderr: Output },
  answer: Promise<Answer>,
): Promise<Answer> {
  if (!stderr.isTTY) return answer;
  const answered = new AbortController();
  const said = clock.sleep(LONG_MS, answered.signal).then(() => {
    if (!answered.signal.aborted) stderr.write(`${STILL_WAITING}\n`);
  });
  try {
    return await answer;
  } finally {
    answered.abort(WOKEN);
    await said;
  }
}

const STILL_WAITING =
  'Still waiting for an answer: it can take half a minute. Ctrl+C ends the waiting, not what was begun.';
