import type { Announcement, EventType } from '../credential/announcements.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { RenovaEvent } from './event-publisher.ts';

interface Words {
  readonly explanation: string;
  readonly remedy?: string;
}

/** The event of an announcement, in words that a person can act on. Reasons are codes: no text of a provider's. */
export function renderEvent(
  environment: string,
  record: CredentialRecord,
  announcement: Announcement,
  nowMs: number,
): RenovaEvent {
  const { pair, failure, lapse } = record;
  return {
    type: announcement.type,
    detail: {
      environment,
      credential: record.credential,
      provider: record.provider,
      generation: record.generation,
      at: new Date(nowMs).toISOString(),
      expires_at: pair?.sealedAccess && time(pair.expiresAtMs),
      refresh_token_expires_at: time(pair?.refreshTokenExpiresAtMs),
      failing_since: time(failure?.sinceMs),
      attempts: failure?.count,
      hours_left: announcement.hoursLeft,
      reason: lapse?.reason ?? failure?.reason,
      ...words[announcement.type](record, announcement, `--env ${environment}`),
    },
  };
}

const words: Record<EventType, (record: CredentialRecord, announcement: Announcement, env: string) => Words> =
  {
    'Token Refreshed': ({ credential, generation }) => ({
      explanation: `${credential} has a new access token, generation ${generation}; the one before is dead.`,
    }),
    'Refresh Failing': ({ credential, failure }, _, env) => ({
      explanation: `The refreshes of ${credential} fail (${failure?.reason}); its readers get the last token while it lives.`,
      remedy: `Renova goes on trying. See why: renova status ${credential} ${env}`,
    }),
    'Refresh Token Lapsing': ({ credential, state, failure }, { hoursLeft }, env) => ({
      explanation: `The refresh token of ${credential} ends in ${hoursLeft === 1 ? 'an hour' : `${hoursLeft} hours`} or less, because ${notRefreshed(state, failure?.reason)}. After that a person has to log in at the provider.`,
      remedy:
        state === 'paused'
          ? `Let it be refreshed again: renova resume ${credential} ${env}`
          : `Mend what stops the refreshes (renova status ${credential} ${env}), or get a new refresh token: renova reseed ${credential} ${env}`,
    }),
    'Credential Lapsed': ({ credential, lapse }, _, env) => ({
      explanation: `${lapsedBecause(credential, lapse?.reason, env)}${lapse?.afterUnknown ? ' A request without an answer came before: the provider may have rotated it unseen.' : ''}`,
      remedy: `Log in at the provider for a new refresh token, then: renova reseed ${credential} ${env}`,
    }),
    'Credential Misconfigured': ({ credential, failure }, _, env) => ({
      explanation: `${misconfiguredBecause(credential, failure?.outcome, failure?.reason)} The chain is kept; nothing is spent.`,
      remedy: `${isUnreadable(failure) ? 'Let the refresh function read its secrets and keys again (was there a deployment?), then see' : 'See which setting it is'}: renova status ${credential} ${env}; give a new client secret with: renova update ${credential} --client ${env}`,
    }),
    'Token Reported Refused': ({ credential, reports }, _, env) => ({
      explanation: `A reader of ${credential} reports that the provider refused the token of generation ${reports.latest?.generation}.`,
      remedy: `If it repeats, ask the reader what it was refused for; see: renova status ${credential} ${env}`,
    }),
    'Credential Recovered': ({ credential, generation }) => ({
      explanation: `${credential} is well again: generation ${generation} is valid.`,
    }),
  };

function notRefreshed(state: CredentialRecord['state'], reason: string | undefined): string {
  if (state === 'paused') return 'it is paused';
  return reason === undefined ? 'it was not refreshed' : `its refreshes fail (${reason})`;
}

function lapsedBecause(credential: string, reason: string | undefined, env: string): string {
  switch (reason) {
    case 'refresh-token-expired':
      return `The refresh token of ${credential} came to its end before it could be used.`;
    case 'answer-unreadable':
      return `The provider answered the refresh of ${credential} with something that cannot be read; it is kept for you: renova rescue ${credential} ${env}.`;
    default:
      return `The provider refuses the refresh token of ${credential}.`;
  }
}

/** A right was withdrawn, or a key is disabled: no setting of the credential's is wrong. */
function isUnreadable(failure: CredentialRecord['failure']): boolean {
  return failure?.outcome === 'not-ready' && failure.reason !== 'invalid-client-secret';
}

function misconfiguredBecause(
  credential: string,
  outcome: string | undefined,
  reason: string | undefined,
): string {
  if (outcome === 'not-ready')
    return `Renova cannot read what it needs to refresh ${credential} (${reason}).`;
  const refused = outcome === 'refused-grant' ? 'login' : 'client';
  return `The provider refuses the ${refused} of ${credential} (${reason}).`;
}

function time(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
