/**
 * The only source of time. Wall time is what is stored and compared between machines; monotonic time
 * is what deadlines inside one process are measured with, because the wall clock may be set back.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Milliseconds since the process, or the thread, was started; never goes back. */
  monotonicMs(): number;
  /** Resolves after `ms`; at once when `ms` is 0 or less, and early (without rejecting) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The reason for an abort that only ends a sleep: without one, each abort makes an exception with its stack. */
export const WOKEN = 'woken';
