import type { EventType } from '../../shared/config/events.ts';
import { timing } from '../../shared/config/timing.ts';
import { announcements } from '../../shared/credential/announcements.ts';
import type { CredentialRecord, Failure, Lapse } from '../../shared/credential/credential.ts';
import type { RenovaEvent } from '../../shared/events/event-publisher.ts';
import { renderEvent } from '../../shared/events/render-event.ts';
import { testAlert } from '../../shared/events/test-alert.ts';
import { AT_MS, aPair, aRecord } from './records.ts';

const failure: Failure = {
  sinceMs: AT_MS,
  lastAtMs: AT_MS,
  count: 3,
  outcome: 'not-sent',
  reason: 'ECONNREFUSED',
};
const lapse = (reason: Lapse['reason'], afterUnknown = false) =>
  aRecord({ state: 'lapsed', lapse: { atMs: AT_MS, reason, afterUnknown } });
const failing = (outcome: Failure['outcome'], reason: Failure['reason']) =>
  aRecord({ failure: { ...failure, outcome, reason } });
const generation = 1;

/** Records of which each event of a credential is told, in each way in which its words differ. A new type needs one. */
const RECORDS: Readonly<
  Record<Exclude<EventType, 'Test Alert' | 'Provider Failing'>, Readonly<Record<string, CredentialRecord>>>
> = {
  'Token Refreshed': { refreshed: aRecord({ announced: { generation: 0 } }) },
  'Refresh Failing': {
    'not sent': aRecord({ failure }),
    throttled: failing('throttled', 'http-429'),
    'without a trace': failing('no-trace', 'no-trace'),
    unrenewed: aRecord(),
    'without a first token': aRecord({ pair: { ...aPair(), sealedAccess: undefined } }),
  },
  'Refresh Token Lapsing': {
    failing: aRecord({
      failure,
      announced: { generation, trouble: { kind: 'failing', kinds: ['failing'], sinceMs: AT_MS } },
    }),
    paused: aRecord({ state: 'paused' }),
  },
  'Credential Lapsed': {
    spent: lapse('grant-refused'),
    'after a lost answer': lapse('grant-refused', true),
    late: lapse('refresh-token-expired'),
    unreadable: lapse('answer-unreadable'),
    'while paused': aRecord({ state: 'paused' }),
  },
  'Credential Misconfigured': {
    client: failing('refused-client', 'invalid_client'),
    scope: failing('refused-client', 'invalid_scope'),
    'client secret': failing('not-ready', 'invalid-client-secret'),
    'a right': failing('not-ready', 'AccessDeniedException'),
    unprintable: aRecord({ pair: aPair({ unprintable: true }) }),
    'a new client secret': aRecord({ clientRefusedAtMs: AT_MS }),
  },
  'Token Unpublished': {
    unpublished: aRecord({
      publication: { lanes: 12, generation: 0, pendingSinceMs: AT_MS, reason: 'AccessDeniedException' },
    }),
  },
  'Token Reported Refused': {
    reported: aRecord({ reports: { latest: { generation, atMs: AT_MS, sinceMs: AT_MS } } }),
  },
  'Client Secret Expiring': { expiring: aRecord({ clientExpiresAtMs: AT_MS + 86_400_000 }) },
  'Credential Recovered': {
    recovered: aRecord({
      announced: { generation, trouble: { kind: 'failing', kinds: ['failing'], sinceMs: AT_MS - 1 } },
    }),
    published: aRecord({ announced: { generation, unpublished: { sinceMs: AT_MS } } }),
  },
};

/** An event of every type that is told of a credential or asked for, as it is rendered, with a name for a test. */
export function everyEvent(environment: string): (RenovaEvent & { readonly name: string })[] {
  const ofCredentials = Object.entries(RECORDS).flatMap(([type, records]) =>
    Object.entries(records).map(([name, record]) => {
      const announcement = announcements(record, timing(1)).find((each) => each.type === type);
      if (!announcement?.type) throw new Error(`no ${type} is told: ${name}`);
      const nowMs = Math.max(announcement.atMs, AT_MS + 1);
      return {
        name: `${type}: ${name}`,
        ...renderEvent(environment, record, { ...announcement, type: announcement.type }, nowMs),
      };
    }),
  );
  return [...ofCredentials, { name: 'Test Alert', ...testAlert(environment, '042042', AT_MS) }];
}
