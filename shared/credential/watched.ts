import type { FailureReason } from '../failure/reasons.ts';
import { canLogIn } from '../token-endpoint/grant.ts';
import { type CredentialRecord, publishPending } from './credential.ts';

/**
 * Why a credential is in the index of what needs attention: `troubled` ones fail or wait for their lanes, `idle` ones are
 * paused or lapsed. One that is active and well is not in it, so that its refreshes write nothing there.
 */
export type Attention = 'troubled' | 'idle';

/** What the index of attention holds of a credential: enough for counts and alerts, and nothing secret. */
export type Watched = Pick<CredentialRecord, 'state' | 'mode' | 'provider' | 'tokenUrl' | 'failure'> & {
  /** The end of its access token. Absent: it has no pair. */
  readonly expiresAtMs?: number;
  /** The life of its refresh token. Absent: it has none with a known end, or can log in by itself. */
  readonly chain?: { readonly sinceMs: number; readonly endsAtMs: number };
  /** A pair waits for its lane: since when, and why the last try to publish it failed. */
  readonly waiting?: { readonly sinceMs?: number; readonly reason?: FailureReason };
  /** Its access token has characters that no HTTP header can carry. */
  readonly unprintable?: true;
};

/** The index attributes of a record: absent for one that needs no attention. */
export function attentionOf(record: CredentialRecord): Pick<CredentialRecord, 'attention' | 'watched'> {
  const attention = attentionFor(record);
  return { attention, watched: attention && watched(record) };
}

/** What counts and alerts need of a record. */
export function watched(record: CredentialRecord): Watched {
  const { state, mode, provider, tokenUrl, failure, pair, grant, publication } = record;
  const endsAtMs = canLogIn(grant) ? undefined : pair?.refreshTokenExpiresAtMs;
  const { pendingSinceMs, reason } = publication;
  return {
    state,
    mode,
    provider,
    tokenUrl,
    ...(failure && { failure }),
    ...(pair && { expiresAtMs: pair.expiresAtMs }),
    ...(pair?.unprintable && { unprintable: true }),
    ...(pair &&
      endsAtMs !== undefined && {
        chain: { sinceMs: pair.refreshTokenSinceMs ?? pair.issuedAtMs, endsAtMs },
      }),
    ...(state !== 'removed' &&
      publishPending(record) && {
        waiting: {
          ...(pendingSinceMs !== undefined && { sinceMs: pendingSinceMs }),
          ...(reason && { reason }),
        },
      }),
  };
}

function attentionFor(record: CredentialRecord): Attention | undefined {
  const { state, failure, pair, publication } = record;
  if (state === 'removed') return undefined;
  if (state !== 'active') return 'idle';
  // Between a new pair and its publish each credential has one that waits: only what failed is trouble.
  const isRefused = publication.reason !== undefined && publishPending(record);
  return failure || pair?.unprintable || isRefused ? 'troubled' : undefined;
}
