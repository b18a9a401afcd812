import type { Remedy } from '../../shared/failure/command.ts';
import {
  clientChange,
  failureInWords,
  failureRemedy,
  isFailureOutcome,
} from '../../shared/failure/failures.ts';
import { isLapseReason, lapseInWords, lapseRemedy } from '../../shared/failure/lapses.ts';
import { publicationRemedy } from '../../shared/failure/publication.ts';
import { reasonInWords } from '../../shared/failure/reasons.ts';
import { duration, roughly } from './duration.ts';
import { isFailing, type Summary } from './summary.ts';

/** What a credential is, as a stable code. */
export type HealthCode =
  | 'healthy'
  | 'waiting-for-first-token'
  | 'paused'
  | 'ended-while-paused'
  | 'lapsed'
  | 'failing'
  | 'late'
  | 'unpublished'
  | 'client-refused'
  | 'unprintable-token'
  | 'unknown-state';

/** How a credential is, in a sentence, and what fixes it; without a remedy it is well. */
export interface Health {
  readonly code: HealthCode;
  readonly sentence: string;
  readonly remedy?: Remedy;
}

/** Judges a credential by its Summary at `nowMs`. Pure. */
export function healthOf(summary: Summary, nowMs: number): Health {
  const { credential, state } = summary;
  if (state === 'lapsed') return lapsed(summary, nowMs);
  if (state === 'paused') return paused(summary, nowMs);
  if (isFailing(summary)) return failing(summary, nowMs);
  if (state !== 'active') return { code: 'unknown-state', sentence: `${credential} is ${state}.` };
  if (!summary.expires_at) {
    const sentence = `${credential} is active and waits for its first token.`;
    return { code: 'waiting-for-first-token', sentence };
  }
  if (summary.mode === 'fresh' && hasPassed(summary.expires_at, nowMs)) {
    return {
      code: 'late',
      sentence: `${credential} is late: ${validity(summary, nowMs)}, and no failure of a refresh is known.`,
      remedy: {
        text: 'See whether ticks come, and what its quota has to serve:',
        command: { name: 'doctor' },
        otherwise: { when: 'its quota serves too many', command: { name: 'capacity' } },
      },
    };
  }
  if (summary.unprintable) {
    return {
      code: 'unprintable-token',
      sentence: `${credential} is refreshed, but its token is of no use${reasonInWords('unprintable-access-token')}.`,
      remedy: { text: 'Ask the provider why it issues such tokens to this client.' },
    };
  }
  const missing = missingLong(summary, nowMs);
  if (missing !== undefined) {
    const reason = summary.unpublished_reason ?? undefined;
    const sentence = `${credential} is refreshed, but ${missing}${reasonInWords(reason)}: workloads that read the secrets have an old one.`;
    const command = { name: 'refresh', id: credential } as const;
    const remedy = publicationRemedy(credential, reason) ?? { text: 'Publish it now:', command };
    return { code: 'unpublished', sentence, remedy };
  }
  if (summary.client_refused_since) return clientRefused(summary, nowMs);
  return { code: 'healthy', sentence: `${credential} is healthy: ${validity(summary, nowMs)}.` };
}

/** Nothing fails as long as the provider takes the client secret before. */
function clientRefused(summary: Summary, nowMs: number): Health {
  const { credential, client_refused_since: since } = summary;
  const refusedFor = duration(nowMs - Date.parse(since ?? ''));
  return {
    code: 'client-refused',
    sentence: `${credential} is refreshed with its last client secret, because the provider has refused the new one for ${refusedFor}: ${validity(summary, nowMs)}.`,
    remedy: {
      text: 'A new one may take minutes, and is tried again every ten. If it is wrong:',
      command: clientChange(
        { name: 'update', id: credential, flags: ['--client'] },
        summary.app ?? undefined,
      ),
    },
  };
}

/** Publishing takes seconds, and the next tick repairs it; what lasts longer is wrong. */
const UNPUBLISHED_MS = 2 * 60_000;

/** True if those who read its secrets have had an old token for longer than publishing takes. */
export function isUnpublished(summary: Summary, nowMs: number): boolean {
  return summary.state === 'active' && missingLong(summary, nowMs) !== undefined;
}

/** Which tokens should have been in their lanes long ago, in words. The clock tells of the last one only. */
function missingLong(summary: Summary, nowMs: number): string | undefined {
  const { publish, generation, published_generation, issued_at, unpublished_since } = summary;
  if (!publish || publish === 'none' || !issued_at) return undefined;
  const missing = (generation ?? 0) - (published_generation ?? 0);
  if (missing > 1) return `its last ${missing} tokens have not been published`;
  const missingMs = missing > 0 ? nowMs - Date.parse(unpublished_since ?? issued_at) : 0;
  return missingMs > UNPUBLISHED_MS
    ? `its token has not been published for ${duration(missingMs)}`
    : undefined;
}

/** What is left of its tokens: `its token is valid for 3 min, its refresh token for 47 h`. */
export function validity(summary: Summary, nowMs: number): string {
  const { mode, expires_at, refresh_token_expires_at } = summary;
  const left = (time: string) => roughly(Date.parse(time) - nowMs);
  const said: string[] = [];
  if (!expires_at) said.push('it has no token yet');
  else if (!hasPassed(expires_at, nowMs)) said.push(`its token is valid for ${left(expires_at)}`);
  else if (mode === 'on-demand') said.push('its token is renewed when somebody asks for it');
  else said.push(`its token expired ${roughly(nowMs - Date.parse(expires_at))} ago`);
  if (refresh_token_expires_at) {
    if (hasPassed(refresh_token_expires_at, nowMs)) said.push('its refresh token has ended');
    else if (said[0]?.includes(' valid for '))
      said.push(`its refresh token for ${left(refresh_token_expires_at)}`);
    else said.push(`its refresh token is valid for ${left(refresh_token_expires_at)}`);
  }
  return said.join(', ');
}

function paused(summary: Summary, nowMs: number): Health {
  const { credential, grant, refresh_token_expires_at: end } = summary;
  if (grant !== 'password' && grant !== 'client_credentials' && end && hasPassed(end, nowMs)) {
    const ago = duration(nowMs - Date.parse(end), 1);
    return {
      code: 'ended-while-paused',
      sentence: `${credential} is paused, and its refresh token ended ${ago} ago.`,
      remedy: lapseRemedy(credential, 'refresh-token-expired'),
    };
  }
  return {
    code: 'paused',
    sentence: `${credential} is paused, nobody refreshes it: ${validity(summary, nowMs)}.`,
    remedy: { text: 'Let it be refreshed again:', command: { name: 'resume', id: credential } },
  };
}

function lapsed(summary: Summary, nowMs: number): Health {
  const { credential, lapsed_at, reason, after_unknown } = summary;
  const since = lapsed_at ? ` ${duration(nowMs - Date.parse(lapsed_at))} ago` : '';
  const known = isLapseReason(reason) ? reason : undefined;
  const why = known ? lapseInWords({ reason: known, afterUnknown: after_unknown === true }) : reason;
  const served =
    summary.expires_at && !hasPassed(summary.expires_at, nowMs)
      ? ` Its last token is served for ${duration(Date.parse(summary.expires_at) - nowMs)} more.`
      : '';
  return {
    code: 'lapsed',
    sentence: `${credential} lapsed${since}${why ? `: ${why}` : ''}.${served}`,
    remedy: lapseRemedy(credential, known ?? 'grant-refused'),
  };
}

function failing(summary: Summary, nowMs: number): Health {
  const { credential, failing_since, attempts, client_auth } = summary;
  const since = failing_since ? ` for ${duration(nowMs - Date.parse(failing_since))}` : '';
  const times = attempts ? ` (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})` : '';
  const { outcome, reason: code } = summary;
  const reason = code ?? undefined;
  const why = isFailureOutcome(outcome)
    ? failureInWords({ outcome, reason })
    : [outcome, reason].join(' ').trim();
  const said = {
    code: 'failing',
    sentence: `${credential} ${since ? 'has been' : 'is'} failing${since}${times}${why ? `: ${why}` : ''}; ${validity(summary, nowMs)}.`,
  } as const;
  if (!isFailureOutcome(outcome)) {
    return { ...said, remedy: { text: 'Nothing to do: Renova tries again by itself.', waits: true } };
  }
  const [app, clientAuth] = [summary.app ?? undefined, client_auth ?? undefined];
  const remedy = failureRemedy({ credential, app, outcome, reason, clientAuth });
  return { ...said, remedy };
}

function hasPassed(time: string, nowMs: number): boolean {
  return Date.parse(time) <= nowMs;
}
