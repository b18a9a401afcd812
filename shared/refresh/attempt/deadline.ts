import { type Clock, WOKEN } from '../../clock/clock.ts';

/** What `work` comes to within `ms`; undefined when it takes longer. It is not stopped: what it began may still land. */
export async function within<Result>(
  clock: Clock,
  ms: number,
  work: Promise<Result>,
): Promise<Result | undefined> {
  const over = new AbortController();
  const result = await Promise.race([work, clock.sleep(ms, over.signal).then(() => undefined)]);
  over.abort(WOKEN);
  return result;
}

/** A signal that aborts at `atMs` on the monotonic clock. Call `cancel` when it is no longer needed. */
export function abortAt(clock: Clock, atMs: number): { readonly signal: AbortSignal; cancel(): void } {
  const deadline = new AbortController();
  const cancelled = new AbortController();
  const left = atMs - clock.monotonicMs();
  if (left <= 0) deadline.abort();
  else {
    void clock.sleep(left, cancelled.signal).then(() => {
      if (!cancelled.signal.aborted) deadline.abort();
    });
  }
  return { signal: deadline.signal, cancel: () => cancelled.abort(WOKEN) };
}
