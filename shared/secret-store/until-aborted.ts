/**
 * Settles as `work` does, or rejects with the signal's reason as soon as it aborts. The SDK looks at its
 * signal only when it sends, so without this an abort would wait for the end of a retry's back-off.
 */
export async function untilAborted<Answer>(work: Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
  if (!signal) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
