import type { Timing } from '../config/timing.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { QuotaLimit } from '../credential/settings.ts';
import { demanded, sustainable } from '../quota/demand.ts';

/** How all credentials of an environment are, at one moment. */
export interface Inventory {
  /** How many there are in each state; `failing` are among the active. */
  readonly credentials: Readonly<Record<'active' | 'paused' | 'lapsed' | 'failing', number>>;
  /** Until the first chain ends. Absent: none has a known end. */
  readonly hoursToLapse?: number;
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
  const endsMs = [...active, ...paused]
    .filter(({ grant }) => grant === 'refresh_token')
    .flatMap(({ pair }) => pair?.refreshTokenExpiresAtMs ?? []);
  const leftMs = endsMs.reduce((least, endMs) => Math.min(least, endMs - nowMs), Number.POSITIVE_INFINITY);
  return {
    credentials: {
      active: active.length,
      paused: paused.length,
      lapsed: inState('lapsed').length,
      failing: active.filter(({ failure }) => failure).length,
    },
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

/** One for each key: credentials that share a key share the limit. */
function quotasOf(records: readonly CredentialRecord[]): QuotaLimit[] {
  const quotas = records.flatMap(({ quota }) => quota ?? []);
  return [...new Map(quotas.map((quota) => [quota.key, quota])).values()];
}
