import type { Clock } from '../../../shared/clock/clock.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { HttpsTokenEndpoint } from '../../../shared/token-endpoint/https-token-endpoint.ts';
import type { Outcome, TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import { assertNothingLeaks, SECRETS, tokenRequest } from './fixtures.ts';

const SEND_MS = 5000;
const ANSWER_MS = 10_000;

export interface PostOptions {
  readonly ca?: string;
  readonly clock?: Clock;
  readonly changes?: Partial<TokenRequest>;
}

/** Posts to the URL; whatever comes of it must not show a secret. */
export async function post(tokenUrl: string, options: PostOptions = {}): Promise<Outcome> {
  const { clock = systemClock, ca, changes } = options;
  const nowMs = clock.monotonicMs();
  const outcome = await new HttpsTokenEndpoint({ clock, ca }).post(tokenRequest({ tokenUrl, ...changes }), {
    sendByMs: nowMs + SEND_MS,
    answerByMs: nowMs + ANSWER_MS,
  });
  assertNothingLeaks(outcome);
  return outcome;
}

/** The new pair of the fixtures, whole. */
export const isPair = (outcome: Outcome) =>
  outcome.kind === 'success' &&
  outcome.response.accessToken.reveal() === SECRETS.newAccessToken &&
  outcome.response.refreshToken?.reveal() === SECRETS.newRefreshToken;

/** A clock that stands still until its time passes at once, a minute of it, as a timer would find it after a freeze. */
export function clockAtWill(): { readonly clock: Clock; readonly pass: () => void } {
  const waiting = new Set<() => void>();
  let atMs = 0;
  const clock: Clock = {
    nowMs: () => systemClock.nowMs() + atMs,
    monotonicMs: () => atMs,
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        waiting.add(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
  };
  const pass = () => {
    setTimeout(() => {
      atMs += 60_000;
      for (const wake of waiting) wake();
    });
  };
  return { clock, pass };
}
