/** More is cut to it: a provider that closes its door for longer than a day has made a mistake. */
const MAX_RETRY_AFTER_SECONDS = 24 * 3600;

const SECONDS = /^\d+(?:\.\d+)?$/;
// The three HTTP dates of RFC 9110 §5.6.7; the last one has no zone and means GMT.
const DATE_WITH_ZONE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, .+ GMT$/;
const ASCTIME_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}$/;

/**
 * Whole seconds to wait by a `Retry-After` header (RFC 9110 §10.2.3), as stated, rounded up, 0 to
 * {@link MAX_RETRY_AFTER_SECONDS}; undefined when there is none or it cannot be understood. How far it is believed is
 * the caller's decision.
 */
export function retryAfterSeconds(header: string | undefined, nowMs: number): number | undefined {
  const value = header?.trim() ?? '';
  const seconds = SECONDS.test(value) ? Number(value) : (httpDateMs(value) - nowMs) / 1000;
  if (Number.isNaN(seconds)) return undefined;
  return Math.ceil(Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS));
}

/** Epoch milliseconds of an HTTP date; NaN for anything else. */
export function httpDateMs(value: string): number {
  if (DATE_WITH_ZONE.test(value)) return Date.parse(value);
  return ASCTIME_DATE.test(value) ? Date.parse(`${value} GMT`) : Number.NaN;
}
