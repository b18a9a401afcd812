import type { Timing } from '../config/timing.ts';
import type { CredentialRecord } from '../credential/credential.ts';

/** How one credential is at a inventory, in the time of scale 1. A type, not an interface: it passes for plain fields. */
export type CredentialStatus = {
  readonly credential: string;
  readonly state: 'active' | 'failing' | 'paused' | 'lapsed';
  readonly generation: number;
  /** Since its access token was asked for. Absent: it has none. */
  readonly tokenAgeMinutes?: number;
  /** Until its access token expires; under 0 when it has. Absent: it has none. */
  readonly tokenMinutesLeft?: number;
  /** Until its refresh token ends. Absent: it has none, or one without a known end. */
  readonly hoursToLapse?: number;
};

const MINUTE_MS = 60 * 1000;

/** What a inventory says of one credential; nothing of a removed one. */
export function credentialStatus(
  record: CredentialRecord,
  nowMs: number,
  { scale }: Timing,
): CredentialStatus | undefined {
  const { credential, state, generation, failure, pair } = record;
  if (state === 'removed') return undefined;
  const minutes = (ms: number) => Math.round((10 * ms * scale) / MINUTE_MS) / 10;
  const endMs = state === 'lapsed' ? undefined : pair?.refreshTokenExpiresAtMs;
  return {
    credential,
    state: state === 'active' && failure ? 'failing' : state,
    generation,
    ...(pair?.sealedAccess && {
      tokenAgeMinutes: minutes(nowMs - pair.issuedAtMs),
      tokenMinutesLeft: minutes(pair.expiresAtMs - nowMs),
    }),
    ...(endMs !== undefined && { hoursToLapse: minutes((endMs - nowMs) / 60) }),
  };
}
