import { duration, roughly } from './duration.ts';
import { type Mend, mendOf } from './remedy.ts';
import { isFailing, type Summary } from './summary.ts';

/** How a credential is, in a sentence, and the one command that mends it (without the target's options). */
interface Health extends Mend {
  readonly sentence: string;
}

/** Judges a credential by its Summary at `nowMs`. Pure. */
export function healthOf(summary: Summary, nowMs: number): Health {
  const { credential, state } = summary;
  if (state === 'lapsed') return lapsed(summary, nowMs);
  if (state === 'paused') {
    return {
      sentence: `${credential} is paused, nobody refreshes it: ${validity(summary, nowMs)}.`,
      mend: `resume ${credential}`,
    };
  }
  if (isFailing(summary)) return failing(summary, nowMs);
  if (state !== 'active') return { sentence: `${credential} is ${state}.` };
  if (!summary.expires_at) return { sentence: `${credential} is active and waits for its first token.` };
  if (summary.mode === 'fresh' && hasPassed(summary.expires_at, nowMs)) {
    const mend = `refresh ${credential} --force`;
    return { sentence: `${credential} is late: ${validity(summary, nowMs)}.`, mend };
  }
  const missing = missingLong(summary, nowMs);
  if (missing !== undefined) {
    const sentence = `${credential} is refreshed, but ${missing}: workloads that read the secrets have an old one.`;
    return { sentence, mend: `refresh ${credential}` };
  }
  return { sentence: `${credential} is healthy: ${validity(summary, nowMs)}.` };
}

/** Publishing takes seconds, and the next tick repairs it; what lasts longer is wrong. */
const UNPUBLISHED_MS = 2 * 60_000;

/** True if those who read its secrets have had an old token for longer than publishing takes. */
export function isUnpublished(summary: Summary, nowMs: number): boolean {
  return summary.state === 'active' && missingLong(summary, nowMs) !== undefined;
}

/** Which tokens should have been in their lanes long ago, in words. The clock tells of the last one only. */
function missingLong(summary: Summary, nowMs: number): string | undefined {
  const { publish, generation, published_generation, issued_at } = summary;
  if (!publish || publish === 'none' || !issued_at) return undefined;
  const missing = (generation ?? 0) - (published_generation ?? 0);
  if (missing > 1) return `its last ${missing} tokens have not been published`;
  const missingMs = missing > 0 ? nowMs - Date.parse(issued_at) : 0;
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

/** Why, in words, for a code of the refresh protocol; the code itself for one that is not known here. */
export function explain(code: string): string {
  return EXPLANATIONS[code] ?? code;
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  'answer-unreadable': "the provider's answer could not be understood, and the refresh token is spent",
  garbled: "the provider's answer could not be understood, and the refresh token is spent",
  'grant-refused': 'the provider refused the refresh token',
  'refused-grant': 'the provider refused the login',
  refused: 'the provider refused the request',
  'refused-client': 'the provider refused the client id, the client secret or another setting',
  'refresh-token-expired': 'the refresh token came to its end',
  'not-ready': 'its client secret or the seal keys could not be read',
  'not-sent': 'the provider could not be reached',
  throttled: 'the provider said that there were too many requests',
  unknown: 'the provider gave no definite answer',
};

function lapsed(summary: Summary, nowMs: number): Health {
  const { credential, lapsed_at, reason } = summary;
  const since = lapsed_at ? ` ${duration(nowMs - Date.parse(lapsed_at))} ago` : '';
  const why = reason ? `: ${explain(reason)}` : '';
  const served =
    summary.expires_at && !hasPassed(summary.expires_at, nowMs)
      ? ` Its last token is served for ${duration(Date.parse(summary.expires_at) - nowMs)} more.`
      : '';
  const mend = reason === 'answer-unreadable' ? `rescue ${credential}` : `reseed ${credential}`;
  return { sentence: `${credential} lapsed${since}${why}.${served}`, mend };
}

function failing(summary: Summary, nowMs: number): Health {
  const { credential, failing_since, attempts, outcome, reason } = summary;
  const since = failing_since ? ` for ${duration(nowMs - Date.parse(failing_since))}` : '';
  const times = attempts ? ` (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'})` : '';
  const code = reason && reason !== outcome ? ` (${reason})` : '';
  const why = outcome ? `: ${explain(outcome)}${code}` : '';
  return {
    sentence: `${credential} is failing${since}${times}${why}; ${validity(summary, nowMs)}.`,
    ...mendOf(summary),
  };
}

function hasPassed(time: string, nowMs: number): boolean {
  return Date.parse(time) <= nowMs;
}
