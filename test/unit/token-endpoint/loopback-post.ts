import type { Clock } from '../../../shared/clock/clock.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { HttpsTokenEndpoint } from '../../../shared/token-endpoint/https-token-endpoint.ts';
import type { Outcome, TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import { assertNothingLeaks, SECRETS, tokenRequest } from './fixtures.ts';

export interface PostOptions {
  readonly sendInMs?: number;
  readonly answerInMs?: number;
  readonly ca?: string;
  readonly clock?: Clock;
  readonly changes?: Partial<TokenRequest>;
}

/** Posts to the URL; whatever comes of it must not show a secret. */
export async function post(tokenUrl: string, options: PostOptions = {}): Promise<Outcome> {
  const { sendInMs = 5000, answerInMs = 10_000, clock = systemClock, ca, changes } = options;
  const nowMs = clock.monotonicMs();
  const outcome = await new HttpsTokenEndpoint({ clock, ca }).post(tokenRequest({ tokenUrl, ...changes }), {
    sendByMs: nowMs + sendInMs,
    answerByMs: nowMs + answerInMs,
  });
  assertNothingLeaks(outcome);
  return outcome;
}

/** The new pair of the fixtures, whole. */
export const isPair = (outcome: Outcome) =>
  outcome.kind === 'success' &&
  outcome.response.accessToken.reveal() === SECRETS.newAccessToken &&
  outcome.response.refreshToken?.reveal() === SECRETS.newRefreshToken;
