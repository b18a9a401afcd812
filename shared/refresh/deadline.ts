import { type Clock, WOKEN } from '../clock/clock.ts';

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
