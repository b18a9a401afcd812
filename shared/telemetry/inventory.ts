import type { Timing } from '../config/timing.ts';
import { type CredentialRecord, publishPending } from '../credential/credential.ts';
import type { QuotaLimit } from '../credential/settings.ts';
import { demanded, sustainable } from '../quota/demand.ts';
import { canLogIn } from '../token-endpoint/grant.ts';

/** How all credentials of an environment are, at one moment. */
export interface Inventory {
  /** How many there are in each state; `failing` are among the active. */
  readonly credentials: Readonly<Record<'active' | 'paused' | 'lapsed' | 'failing', number>>;
  /** Fresh ones whose access token has expired, whatever the reason. */
  readonly expired: number;
  /** Those of which a pair has waited for its lane for more than two ticks. */
  readonly unpublished: number;
  /** Until the first chain ends. Absent: none has a known end. */
  readonly hoursToLapse?: number;
  /** What is left of the life of a refresh token, in percent, where that is least. Absent: none has a known end. */
  readonly lifeLeftPercent?: number;
  /** Every quota that a credential has, with its demand in percent of what it can serve. */
  readonly quotas: readonly {
    readonly quota: QuotaLimit;
    readonly demandedPercent: number;
    /** Requests a window that its always-fresh credentials need. */
    readonly freshRequests: number;
  }[];
}

const HOUR_MS = 60 * 60 * 1000;

/**
 * Counts the credentials of `records`; removed ones are none. Hours are those of scale 1. A credential that
 * can log in by itself has no lapse to come, whatever its refresh token's end.
 */
export function inventory(records: readonly CredentialRecord[], nowMs: number, timing: Timing): Inventory {
  const registered = records.filter(({ state }) => state !== 'removed');
  const inState = (state: CredentialRecord['state']) => registered.filter((record) => record.state === state);
  const active = inState('active');
  const paused = inState('paused');
  const chains = [...active, ...paused].filter(({ grant }) => !canLogIn(grant));
  const endsMs = chains.flatMap(({ pair }) => pair?.refreshTokenExpiresAtMs ?? []);
  const livesLeft = chains.flatMap((record) => lifeLeft(record, nowMs) ?? []);
  const leftMs = endsMs.reduce((least, endMs) => Math.min(least, endMs - nowMs), Number.POSITIVE_INFINITY);
  return {
    credentials: {
      active: active.length,
      paused: paused.length,
      lapsed: inState('lapsed').length,
      failing: active.filter(({ failure }) => failure).length,
    },
    expired: active.filter(({ mode, pair }) => mode === 'fresh' && pair && pair.expiresAtMs <= nowMs).length,
    unpublished: registered.filter((record) => isLongUnpublished(record, nowMs, timing)).length,
    ...(livesLeft.length > 0 && { lifeLeftPercent: Math.min(...livesLeft) }),
    hoursToLapse: endsMs.length === 0 ? undefined : (Math.max(0, leftMs) * timing.scale) / HOUR_MS,
    quotas: quotasOf(registered).map((quota) => ({
      quota,
      demandedPercent: (100 * demanded(quota, active)) / sustainable(quota, timing),
      freshRequests: demanded(
        quota,
        active.filter(({ mode }) => mode === 'fresh'),
      ),
    })),
  };
}

/** In percent of the life that the refresh token had when it began: what is little depends on the provider. */
function lifeLeft({ pair }: CredentialRecord, nowMs: number): number | undefined {
  const endMs = pair?.refreshTokenExpiresAtMs;
  if (!pair || endMs === undefined) return undefined;
  const lifeMs = endMs - (pair.refreshTokenSinceMs ?? pair.issuedAtMs);
  return lifeMs <= 0 ? 0 : (100 * Math.max(0, endMs - nowMs)) / lifeMs;
}

function isLongUnpublished(record: CredentialRecord, nowMs: number, { tickMs }: Timing): boolean {
  const { pendingSinceMs } = record.publication;
  return publishPending(record) && pendingSinceMs !== undefined && nowMs - pendingSinceMs > 2 * tickMs;
}

/** One for each key: credentials that share a key share the limit. */
function quotasOf(records: readonly CredentialRecord[]): QuotaLimit[] {
  const quotas = records.flatMap(({ quota }) => quota ?? []);
  return [...new Map(quotas.map((quota) => [quota.key, quota])).values()];
}
