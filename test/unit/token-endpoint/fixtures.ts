import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Secret } from '../../../shared/secret/secret.ts';
import { AnswerFields } from '../../../shared/token-endpoint/answer/answer-fields.ts';
import {
  type AnsweredRequest,
  classifyAnswer,
  type RawAnswer,
} from '../../../shared/token-endpoint/answer/token-response.ts';
import type { Outcome, TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';

export const NOW_MS = Date.UTC(2026, 10, 21, 12, 0, 0);

/** Every secret of the fixtures holds this word, so that one search finds any that leaked. */
const SENTINEL = /sentinel/i;

export const SECRETS = {
  clientSecret: 'sentinel-client-secret',
  password: 'sentinel-password',
  refreshToken: 'sentinel-refresh-token-1',
  newAccessToken: 'sentinel-access-token-2',
  newRefreshToken: 'sentinel-refresh-token-2',
};

export function tokenRequest(changes: Partial<TokenRequest> = {}): TokenRequest {
  return {
    tokenUrl: 'https://provider.example/auth/oauth/v2/token',
    clientAuth: 'post',
    client: { clientId: 'fake-client', clientSecret: new Secret(SECRETS.clientSecret) },
    grant: 'refresh_token',
    refreshToken: new Secret(SECRETS.refreshToken),
    extra: {},
    ...changes,
  };
}

/** A token response as a provider writes it; `undefined` leaves a member out. */
export function tokenBody(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    access_token: SECRETS.newAccessToken,
    token_type: 'bearer',
    expires_in: 300,
    refresh_token: SECRETS.newRefreshToken,
    scope: 'one two',
    ...changes,
  });
}

export function classify(
  status: number,
  body: string | Uint8Array,
  more: Partial<RawAnswer> = {},
  request: AnsweredRequest = {},
): Outcome {
  return classifyAnswer({ status, headers: {}, body: Buffer.from(body), ...more }, NOW_MS, request);
}

/** An outcome with its secrets laid open, for comparison. Absent members and the fields are dropped. */
export function revealed(outcome: Outcome): unknown {
  const open = (value: unknown): unknown => {
    if (value instanceof Secret) return value.reveal();
    if (value instanceof AnswerFields) return undefined;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, entry]) => {
        const opened = open(entry);
        return opened === undefined ? [] : [[key, opened]];
      }),
    );
  };
  return open(outcome);
}

/** Fails if any usual way of printing the value shows a secret (I7). */
export function assertNothingLeaks(value: unknown): void {
  assert.doesNotMatch(inspect(value, { depth: null, showHidden: true, getters: true }), SENTINEL);
  assert.doesNotMatch(JSON.stringify(value) ?? '', SENTINEL);
  assert.doesNotMatch(String(value), SENTINEL);
  if (value instanceof Error) assert.doesNotMatch(`${value.message} ${value.stack}`, SENTINEL);
}
