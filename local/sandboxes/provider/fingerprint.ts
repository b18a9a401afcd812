import { createHash } from 'node:crypto';

/** A token, client id or client secret as the sandbox keeps it: enough to recognise it, not enough to use it. */
export type Fingerprint = string;

/** A token that was issued, and the first moment (Unix ms) at which it is dead; absent: it has no end. */
export interface IssuedToken {
  readonly fingerprint: Fingerprint;
  readonly expiresAtMs?: number;
}

/** SHA-256, so that neither memory dumps nor the journal of the sandbox hold anything usable. */
export function fingerprint(secret: string): Fingerprint {
  return createHash('sha256').update(secret).digest('base64url');
}

/** What is kept of a token that lives until `expiresAtMs`; Infinity: it has no end. */
export function issued(token: string, expiresAtMs: number): IssuedToken {
  return {
    fingerprint: fingerprint(token),
    ...(Number.isFinite(expiresAtMs) && { expiresAtMs }),
  };
}

/** Whether a token is past its end at `nowMs`. */
export function isExpired({ expiresAtMs }: IssuedToken, nowMs: number): boolean {
  return expiresAtMs !== undefined && nowMs >= expiresAtMs;
}
