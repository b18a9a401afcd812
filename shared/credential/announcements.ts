import type { Timing } from '../config/timing.ts';
import type { Announced, CredentialRecord } from './credential.ts';

/** What can be told of a credential: the detail types of its events. */
export type EventType =
  | 'Token Refreshed'
  | 'Refresh Failing'
  | 'Refresh Token Lapsing'
  | 'Credential Lapsed'
  | 'Credential Misconfigured'
  | 'Token Reported Refused'
  | 'Credential Recovered';

/** Something the operator or the readers should be told of, from `atMs` on, and what is then remembered. */
export interface Announcement {
  readonly type: EventType;
  readonly atMs: number;
  readonly told: Partial<Announced>;
  readonly hoursLeft?: number;
}

/** Hours before the end of a refresh token at which the operator is warned. */
export const WARNING_HOURS = [24, 12, 6, 1] as const;

const HOUR_MS = 60 * 60 * 1000;
const FAILURES_TO_TELL = 3;
/** Failures that no retry mends: somebody has to change a setting. */
const MISCONFIGURED = new Set(['refused-client', 'refused-grant', 'not-ready']);
/** Why something is not ready: a secret is there and is wrong. */
const DEFINITE_REASONS = new Set(['invalid-client-secret', 'invalid-key-ring']);

/**
 * What is still to be told about a credential: decided from the record alone by comparing what is with what
 * was announced, so that each change is told once, survives a crash, and waits for a bus that is away.
 */
export function announcements(record: CredentialRecord, timing: Timing): readonly Announcement[] {
  if (record.state === 'removed') return [];
  return [
    refreshed(record),
    lapsed(record),
    misconfigured(record),
    failing(record),
    ...lapsing(record, timing),
    reportedRefused(record),
    recovered(record),
  ].filter((announcement) => announcement !== undefined);
}

/** The moments before the end of the current refresh token at which a warning is due, the earliest first. */
export function warningTimesMs(record: CredentialRecord, timing: Timing): { hours: number; atMs: number }[] {
  const { pair } = record;
  const endMs = pair?.refreshTokenExpiresAtMs;
  if (!pair || endMs === undefined || record.grant !== 'refresh_token') return [];
  const lifeMs = endMs - (pair.refreshTokenSinceMs ?? pair.issuedAtMs);
  return WARNING_HOURS.map((hours) => ({ hours, atMs: endMs - (hours * HOUR_MS) / timing.scale })).filter(
    // A token that never lives that long is not in danger when less is left.
    ({ atMs }) => endMs - atMs <= lifeMs / 2,
  );
}

function refreshed(record: CredentialRecord): Announcement | undefined {
  const { pair, generation, announced } = record;
  if (!pair?.sealedAccess || announced.generation >= generation) return undefined;
  if (record.publish !== 'none' && record.publication.generation < generation) return undefined;
  return { type: 'Token Refreshed', atMs: pair.issuedAtMs, told: { generation } };
}

function lapsed({ state, lapse, announced }: CredentialRecord): Announcement | undefined {
  if (state !== 'lapsed' || !lapse || isTold(announced, 'lapsed', lapse.atMs)) return undefined;
  return { type: 'Credential Lapsed', atMs: lapse.atMs, told: problem('lapsed', lapse.atMs) };
}

function misconfigured({ state, failure, announced }: CredentialRecord): Announcement | undefined {
  if (state !== 'active' || !failure || !MISCONFIGURED.has(failure.outcome)) return undefined;
  if (isTold(announced, 'misconfigured', failure.sinceMs)) return undefined;
  // A vault that was away for a moment is nobody's mistake.
  const isDefinite = failure.outcome !== 'not-ready' || DEFINITE_REASONS.has(failure.reason);
  if (!isDefinite && failure.count < FAILURES_TO_TELL) return undefined;
  const told = problem('misconfigured', failure.sinceMs);
  return { type: 'Credential Misconfigured', atMs: failure.lastAtMs, told };
}

function failing(record: CredentialRecord): Announcement | undefined {
  const { state, failure, announced, pair } = record;
  if (state !== 'active' || !failure || MISCONFIGURED.has(failure.outcome)) return undefined;
  if (isTold(announced, 'failing', failure.sinceMs)) return undefined;
  const often = failure.count >= FAILURES_TO_TELL ? failure.lastAtMs : Number.POSITIVE_INFINITY;
  const expired = record.mode === 'fresh' && pair ? Math.max(pair.expiresAtMs, failure.lastAtMs) : often;
  const atMs = Math.min(often, expired);
  return Number.isFinite(atMs)
    ? { type: 'Refresh Failing', atMs, told: problem('failing', failure.sinceMs) }
    : undefined;
}

/** One for each threshold that is not told yet; of several that have passed, only the last is worth telling. */
function lapsing(record: CredentialRecord, timing: Timing): readonly Announcement[] {
  const { state, pair, announced } = record;
  const endMs = pair?.refreshTokenExpiresAtMs;
  if (state === 'lapsed' || endMs === undefined) return [];
  const warnedHours = announced.warnedEndMs === endMs ? announced.warnedHours : undefined;
  return warningTimesMs(record, timing)
    .filter(({ hours }) => warnedHours === undefined || hours < warnedHours)
    .map(({ hours, atMs }) => ({
      type: 'Refresh Token Lapsing',
      atMs,
      told: { warnedHours: hours, warnedEndMs: endMs },
      hoursLeft: hours,
    }));
}

function reportedRefused({ reports, announced }: CredentialRecord): Announcement | undefined {
  if (!reports.latest || announced.refusedGeneration === reports.latest.generation) return undefined;
  const told = { refusedGeneration: reports.latest.generation };
  return { type: 'Token Reported Refused', atMs: reports.latest.atMs, told };
}

function recovered({ state, failure, announced, pair }: CredentialRecord): Announcement | undefined {
  if (!announced.problem || state !== 'active' || failure || !pair?.sealedAccess) return undefined;
  return { type: 'Credential Recovered', atMs: pair.issuedAtMs, told: { problem: undefined } };
}

function problem(kind: NonNullable<Announced['problem']>['kind'], sinceMs: number): Partial<Announced> {
  return { problem: { kind, sinceMs } };
}

function isTold(
  { problem: told }: Announced,
  kind: NonNullable<Announced['problem']>['kind'],
  sinceMs: number,
): boolean {
  return told?.kind === kind && told.sinceMs === sinceMs;
}
