import { type CredentialRecord, publishPending } from '../credential/credential.ts';
import { historyOf } from '../credential/history.ts';
import { faultOf, isTime } from '../credential/record-fault.ts';

/**
 * A credential as `list` and `status` show it: times in RFC 3339, nothing secret. Of a damaged record nothing is shown
 * but its id, and that it is damaged: one keeps nobody from seeing the others.
 */
export function summarize(record: CredentialRecord): Summary {
  return summaryOf(faultOf(record) === undefined ? record : standInFor(record));
}

function standInFor({ credential, revision, writer }: CredentialRecord): CredentialRecord {
  const failure = { count: 1, sinceMs: 0, lastAtMs: 0, outcome: 'not-ready', reason: REASON } as const;
  return {
    ...{ credential, revision, writer, provider: '', tokenUrl: '', scope: '', extra: {} },
    ...{ grant: 'refresh_token', clientAuth: 'post', mode: 'fresh', publish: 'none' },
    ...{ state: 'active', chain: '', generation: 0, refreshAtMs: 0, defaultAccessTokenMs: 0 },
    publication: { lanes: 0, generation: 0 },
    reports: {},
    aside: { spares: [], past: [] },
    announced: { generation: 0 },
    failure,
  };
}

const REASON = 'damaged-record' as const;

function summaryOf(record: CredentialRecord) {
  const { pair, failure, lapse, attempt } = record;
  return {
    credential: record.credential,
    provider: record.provider,
    app: record.app,
    mode: record.mode,
    publish: record.publish,
    parameter: record.parameter,
    state: record.state,
    chain: record.chain,
    generation: record.generation,
    published_generation: record.publication.generation,
    lanes: record.publication.lanes,
    issued_at: pair?.sealedAccess && time(pair.issuedAtMs),
    expires_at: pair?.sealedAccess && time(pair.expiresAtMs),
    refresh_after: pair?.sealedAccess && time(pair.refreshAfterMs),
    unprintable: pair?.unprintable,
    refresh_token_issued_at:
      pair?.refreshTokenExpiresAtMs && time(pair.refreshTokenSinceMs ?? pair.issuedAtMs),
    refresh_token_expires_at: time(pair?.refreshTokenExpiresAtMs),
    due_at: time(record.dueAtMs),
    // Nobody knows since when a record is damaged.
    failing_since: failure?.reason === REASON ? undefined : time(failure?.sinceMs),
    attempts: failure?.reason === REASON ? undefined : failure?.count,
    outcome: failure?.outcome,
    reason: lapse?.reason ?? failure?.reason,
    lapsed_at: time(lapse?.atMs),
    after_unknown: lapse?.afterUnknown,
    unpublished_since: publishPending(record) ? time(record.publication.pendingSinceMs) : undefined,
    unpublished_reason: publishPending(record) ? record.publication.reason : undefined,
    client_expires_at: time(record.clientExpiresAtMs),
    client_refused_since: time(record.clientRefusedAtMs),
    attempt_until: time(attempt?.leaseUntilMs),
    token_url: record.tokenUrl,
    refresh_url: record.refreshUrl,
    network_url: record.networkUrl,
    scope: record.scope,
    refresh_scope: record.refreshScope,
    grant: record.grant,
    grant_type: record.grantType,
    client_auth: record.clientAuth,
    user_agent: record.userAgent,
    headers: record.headers,
    body: record.body,
    method: record.method,
    fields: record.fields,
    login_fields: record.loginFields,
    tags: record.tags,
    quota: record.quota && {
      key: record.quota.key,
      limit: record.quota.limit,
      window_seconds: record.quota.windowMs / 1000,
    },
  };
}

/** The same with what became of its last refreshes and who changed what, the latest first. */
export function withHistory(record: CredentialRecord) {
  if (faultOf(record) !== undefined) return { ...summarize(record), history: [], changes: [] };
  const { outcomes, changes } = historyOf(record);
  return {
    ...summarize(record),
    history: outcomes.map(({ atMs, ...outcome }) => ({ at: time(atMs), ...outcome })),
    changes: changes.map(({ atMs, ...change }) => ({ at: time(atMs), ...change })),
  };
}

export type Summary = ReturnType<typeof summaryOf>;

function time(ms: number | undefined): string | undefined {
  return ms === undefined || !isTime(ms) ? undefined : new Date(ms).toISOString();
}
