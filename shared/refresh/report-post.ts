import type { CountName } from '../config/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Outcome } from '../token-endpoint/token-endpoint.ts';

const COUNTS: Readonly<Record<Outcome['kind'], CountName>> = {
  success: 'RefreshesSucceeded',
  garbled: 'RefreshesGarbled',
  'not-sent': 'RefreshesNotSent',
  throttled: 'RefreshesThrottled',
  unknown: 'RefreshesUnknown',
  'refused-grant': 'RefreshesRefusedGrant',
  'refused-client': 'RefreshesRefusedClient',
};

/** Reports the outcome of a post, and how long it took to come. */
export function reportPost(telemetry: Telemetry, { kind }: Outcome, latencyMs: number): void {
  telemetry.count(COUNTS[kind]);
  if (kind !== 'not-sent') telemetry.measure('ProviderLatency', latencyMs);
}
