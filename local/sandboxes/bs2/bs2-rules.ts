import type { EnvironmentName } from '../../../shared/config/names.ts';

/** The numbers of BS2's authentication page, as one sandbox applies them. */
export interface Bs2Rules {
  readonly accessTokenMs: number;
  readonly refreshTokenMs: number;
  /** What `expires_in` says: whole seconds, at least 1, otherwise never more than the token really lives. */
  readonly expiresInSeconds: number;
  /** Token requests allowed in any window of {@link quotaWindowMs}, over all clients together. */
  readonly quota: number;
  readonly quotaWindowMs: number;
}

const ACCESS_TOKEN_SECONDS: Record<EnvironmentName, number> = { prd: 5 * 60, hml: 7 * 60 };
const REFRESH_TOKEN_SECONDS = 48 * 60 * 60;
const QUOTA = 10;
const QUOTA_WINDOW_SECONDS = 60;

/**
 * The rules of `env` with every time divided by `scale` (1: as in the document).
 * Throws a RangeError if `scale` is not a number above 0. Source: the BS2 Collection API page,
 * "Authentication".
 */
export function bs2Rules(env: EnvironmentName, scale: number): Bs2Rules {
  if (!(scale > 0) || !Number.isFinite(scale)) {
    throw new RangeError('scale: expected a number above 0; use 1 for the lifetimes of the real provider');
  }
  const accessTokenMs = (ACCESS_TOKEN_SECONDS[env] * 1000) / scale;
  return {
    accessTokenMs,
    refreshTokenMs: (REFRESH_TOKEN_SECONDS * 1000) / scale,
    expiresInSeconds: Math.max(1, Math.floor(accessTokenMs / 1000)),
    quota: QUOTA,
    quotaWindowMs: (QUOTA_WINDOW_SECONDS * 1000) / scale,
  };
}
