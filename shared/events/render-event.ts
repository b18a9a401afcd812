import { isAlert, PROGRAM, runbookOf } from '../config/events.ts';
import type { Announcement, CredentialEventType } from '../credential/announcements.ts';
import { type CredentialRecord, publishPending } from '../credential/credential.ts';
import { type Command, commandWords, type Remedy, remedySentence } from '../failure/command.ts';
import { clientChange, failureInWords, failureRemedy } from '../failure/failures.ts';
import { lapseInWords, lapseRemedy } from '../failure/lapses.ts';
import { publicationRemedy } from '../failure/publication.ts';
import { reasonInWords } from '../failure/reasons.ts';
import { canLogIn } from '../token-endpoint/grant.ts';
import type { RenovaEvent } from './event-publisher.ts';

/** Where the texts of an environment lead to. */
export interface EventLinks {
  /** URL of the handbook; absent: its path in this repository. */
  readonly runbook?: string;
  /** The options that lead a command here; absent: `--env <environment>`. */
  readonly options?: string;
}

/** An announcement that is told. */
export type Told = Announcement & { readonly type: CredentialEventType };

interface Words {
  readonly explanation: string;
  readonly remedy?: Remedy;
}

/** The event of an announcement, in words that a person can act on. Reasons are codes: no text of a provider's. */
export function renderEvent(
  environment: string,
  record: CredentialRecord,
  announcement: Told,
  nowMs: number,
  links: EventLinks = {},
): RenovaEvent {
  const { pair, failure, lapse } = record;
  const { type, trouble } = announcement;
  const { explanation, remedy } = wordsOf(record, announcement);
  return {
    type,
    detail: {
      environment,
      credential: record.credential,
      provider: record.provider,
      generation: record.generation,
      at: time(nowMs),
      expires_at: pair?.sealedAccess && time(pair.expiresAtMs),
      refresh_token_expires_at: optionalTime(pair?.refreshTokenExpiresAtMs),
      failing_since: optionalTime(failure?.sinceMs ?? (trouble && sinceOf(trouble.kind, trouble.sinceMs))),
      attempts: failure?.count,
      hours_left: announcement.hoursLeft,
      days_left: announcement.daysLeft,
      reason: lapse?.reason ?? failure?.reason ?? trouble?.reason ?? endOfPaused(record, type),
      explanation,
      ...(isAlert(type) && { outlook: outlookOf(record, nowMs), runbook: runbookOf(type, links.runbook) }),
      ...(remedy && rendered(remedy, environment, links)),
    },
  };
}

/**
 * A remedy as members of a detail: a sentence with the command as it is typed, and the command as data. What to do when
 * something else is wrong follows, unless Renova tries again by itself anyway.
 */
export function rendered(remedy: Remedy, environment: string, links: EventLinks) {
  const typed = (command: Command) =>
    `${PROGRAM} ${commandWords(command)} ${links.options ?? `--env ${environment}`}`;
  const { command, otherwise, waits } = remedy;
  const sentence = remedySentence(remedy, typed);
  return {
    remedy:
      otherwise && !waits ? `${sentence} (if ${otherwise.when}: ${typed(otherwise.command)})` : sentence,
    ...(command && { command }),
  };
}

function wordsOf(record: CredentialRecord, announcement: Told): Words {
  const { credential: id, generation } = record;
  switch (announcement.type) {
    case 'Token Refreshed':
      return {
        explanation: `${id} has a new access token, generation ${generation}; the one before is dead.`,
      };
    case 'Refresh Failing':
    case 'Credential Misconfigured':
      return announcement.told.clientRefusedAtMs === undefined
        ? failing(record, announcement)
        : clientRefused(record);
    case 'Refresh Token Lapsing':
      return lapsing(record, announcement);
    case 'Credential Lapsed':
      return lapsed(record);
    case 'Token Unpublished':
      return unpublished(record);
    case 'Token Reported Refused':
      return {
        explanation: `A reader of ${id} reports that the provider refused the token of generation ${record.reports.latest?.generation}. It is told once, however long such reports go on.`,
        remedy: {
          text: 'If it repeats, ask the reader what it was refused for. To see how the credential is:',
          command: { name: 'status', id },
        },
      };
    case 'Client Secret Expiring':
      return {
        explanation: `The client secret or certificate of ${id} ends in ${days(announcement.daysLeft)} or less; then its refreshes are refused.`,
        remedy: {
          text: 'Get a new one at the provider, and give it:',
          command: clientChange({ name: 'update', id, flags: ['--client'] }, record.app),
        },
      };
    case 'Credential Recovered':
      return {
        explanation: `${id} is well again: generation ${generation} is valid${publishedToo(record)}.`,
      };
  }
}

function failing(record: CredentialRecord, { trouble }: Told): Words {
  const { credential: id, app, failure, clientAuth, pair } = record;
  const { doctor, capacity } = { doctor: { name: 'doctor' }, capacity: { name: 'capacity' } } as const;
  if (failure) {
    const remedy = failureRemedy({ credential: id, app, ...failure, clientAuth });
    return { explanation: `The refreshes of ${id} fail: ${failureInWords(failure)}.`, remedy };
  }
  if (trouble?.reason === 'unprintable-access-token') {
    return {
      explanation: `The provider issues ${id} an access token that is of no use${reasonInWords(trouble.reason)}.`,
      remedy: {
        text: 'Ask the provider. To see its settings:',
        command: { name: 'status', id },
      },
    };
  }
  const late = pair?.sealedAccess
    ? `The access token of ${id} has expired`
    : `${id} has waited for its first token`;
  const why = 'and no failure of a refresh is noted: its quota may have no permit left, a store may be away';
  return {
    explanation: `${late}, ${why}, or ticks may be cut off.`,
    remedy: {
      text: 'See what is wrong with the environment:',
      command: doctor,
      otherwise: { when: 'its quota serves too many', command: capacity },
    },
  };
}

function clientRefused({ credential: id, app }: CredentialRecord): Words {
  return {
    explanation: `The provider refuses the new client secret of ${id}; the one before it is used, and works until the provider ends it.`,
    remedy: {
      text: 'Give the right one before that:',
      command: clientChange({ name: 'update', id, flags: ['--client'] }, app),
    },
  };
}

/** "an hour", "12 hours"; less than one in minutes. */
function spanInWords(hours: number): string {
  if (hours < 1) return `${Math.round(hours * 60)} minutes`;
  return hours === 1 ? 'an hour' : `${hours} hours`;
}

function lapsing({ credential: id, state, failure }: CredentialRecord, { hoursLeft }: Told): Words {
  const left = spanInWords(hoursLeft ?? 0);
  const isPaused = state === 'paused';
  const why = isPaused ? 'it is paused' : failure ? failureInWords(failure) : 'it was not refreshed';
  return {
    explanation: `The refresh token of ${id} ends in ${left} or less, because ${why}. After that a person has to log in at the provider.`,
    remedy: isPaused
      ? { text: 'Let it be refreshed again:', command: { name: 'resume', id } }
      : {
          text: 'Fix what stops the refreshes, or get a new refresh token at the provider. To see what stops them:',
          command: { name: 'status', id },
        },
  };
}

function lapsed({ credential: id, state, lapse }: CredentialRecord): Words {
  if (state === 'paused') {
    return {
      explanation: `The refresh token of ${id} ended while it was paused.`,
      remedy: lapseRemedy(id, 'refresh-token-expired'),
    };
  }
  const reason = lapse?.reason ?? 'grant-refused';
  return {
    explanation: `The chain of ${id} has ended: ${lapseInWords({ reason, afterUnknown: lapse?.afterUnknown })}.`,
    remedy: lapseRemedy(id, reason),
  };
}

function unpublished({ credential: id, publication }: CredentialRecord): Words {
  const why = publication.reason ? `${reasonInWords(publication.reason)}` : '';
  return {
    explanation: `${id} is refreshed, but its token does not get into its secret${why}: workloads that read the secrets have an old one. The read API has the new one.`,
    remedy: publicationRemedy(id, publication.reason) ?? {
      text: 'See whether the refresh function may still write the secrets (a right, a key, a quota; was there a deployment?). It tries again by itself; to try now:',
      command: { name: 'refresh', id },
    },
  };
}

/** Until when readers are served, and when a person must log in: never a time that is over as if it were not. */
function outlookOf(record: CredentialRecord, nowMs: number): string {
  const { pair, grant, state } = record;
  return `${readersOf(record, nowMs)}${deadline()}`;

  function deadline(): string {
    const endMs = pair?.refreshTokenExpiresAtMs;
    if (canLogIn(grant) || state === 'lapsed' || endMs === undefined) return '';
    if (endMs <= nowMs) return ' A person must log in at the provider.';
    return ` A person must log in at the provider if it is not fixed by ${time(endMs)}.`;
  }
}

function readersOf(record: CredentialRecord, nowMs: number): string {
  const { pair, mode } = record;
  if (!pair?.sealedAccess) return 'It has no token yet, so it has no readers who miss one.';
  if (pair.expiresAtMs > nowMs) {
    const served = `Readers have a token until ${time(pair.expiresAtMs)}.`;
    return publishPending(record) ? `${served} Those of the secrets have an older one.` : served;
  }
  if (mode === 'on-demand')
    return 'Its last token has expired; a reader who asks gets none until it is fixed.';
  return `Readers have had no token since ${time(pair.expiresAtMs)}.`;
}

function publishedToo(record: CredentialRecord): string {
  return record.publish === 'none' || publishPending(record) ? '' : ' and published';
}

/** A chain that ended while paused was not judged by anybody: it is its stated end that is told. */
function endOfPaused({ state }: CredentialRecord, type: CredentialEventType) {
  return state === 'paused' && type === 'Credential Lapsed' ? 'refresh-token-expired' : undefined;
}

function sinceOf(kind: string, sinceMs: number): number | undefined {
  return kind === 'lapsed' ? undefined : sinceMs;
}

/** In words. */
export function days(count: number | undefined): string {
  return count === 1 ? 'a day' : `${count} days`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function optionalTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : time(ms);
}
