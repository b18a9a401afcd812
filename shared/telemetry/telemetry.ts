import type { CountName, MeasureName, QuotaMeasureName } from '../config/metrics.ts';

/**
 * Where the domain reports its figures. Units and meanings are in {@link METRICS}. Nothing here ever throws
 * or is waited for: a figure that is lost costs less than a token that is.
 */
export interface Telemetry {
  /** Adds `by` (1 unless said). */
  count(name: CountName, by?: number): void;
  /** One observation; a value that is not finite is dropped. */
  measure(name: MeasureName, value: number): void;
  /** One observation of the quota with this key. */
  measureQuota(name: QuotaMeasureName, quotaKey: string, value: number): void;
}

/** For callers that keep no figures. */
export const silentTelemetry: Telemetry = { count() {}, measure() {}, measureQuota() {} };
