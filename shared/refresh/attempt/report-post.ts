import type { CountName } from '../../config/metrics.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Outcome } from '../../token-endpoint/token-endpoint.ts';

const COUNTS: Readonly<Record<Outcome['kind'], CountName>> = {
  success: 'RefreshesSucceeded',
  garbled: 'RefreshesGarbled',
  'not-sent': 'RefreshesNotSent',
  throttled: 'RefreshesThrottled',
  unknown: 'RefreshesUnknown',
  'refused-grant': 'RefreshesRefusedGrant',
  refused: 'RefreshesRefusedClient',
  'refused-client': 'RefreshesRefusedClient',
};

/** Reports the outcome of a post that renews a credential, and how long it took to come. */
export function reportPost(telemetry: Telemetry, outcome: Outcome, latencyMs: number): void {
  telemetry.count(COUNTS[outcome.kind]);
  reportLatency(telemetry, outcome, latencyMs);
}

/** Reports a person's login: apart from the refreshes, because a wrong password is nothing of Renova's. */
export function reportLogin(telemetry: Telemetry, outcome: Outcome, latencyMs: number): void {
  telemetry.count(outcome.kind === 'success' ? 'LoginsSucceeded' : 'LoginsFailed');
  reportLatency(telemetry, outcome, latencyMs);
}

function reportLatency(telemetry: Telemetry, { kind }: Outcome, latencyMs: number): void {
  if (kind !== 'not-sent') telemetry.measure('ProviderLatency', latencyMs);
}
