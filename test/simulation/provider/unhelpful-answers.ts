import { refreshTokenOf } from './issued.ts';
import type { TokenAnswer } from './token-body.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML_TYPE = { 'content-type': 'text/html' };
const PAGE = '<!doctype html><html><title>Maintenance</title><p>We are back soon.</html>';
const SCRIPT = '<html><script>var token = localStorage.access_token; refresh(token)</script></html>';

function json(status: number, value: unknown): TokenAnswer {
  return { status, headers: JSON_TYPE, body: JSON.stringify(value) };
}

function page(status: number, body = PAGE): TokenAnswer {
  return { status, headers: HTML_TYPE, body };
}

/**
 * Answers of a 2xx that hold no new token: what gateways, maintenance modes and busy servers say. `posted` is the pair
 * whose refresh token was posted: some repeat it.
 */
export function withoutToken(posted: number): readonly TokenAnswer[] {
  return [
    ...WITHOUT_TOKEN,
    json(200, {
      message: 'busy',
      request: { grant_type: 'refresh_token', refresh_token: refreshTokenOf(posted) },
    }),
  ];
}

const WITHOUT_TOKEN: readonly TokenAnswer[] = [
  json(200, { message: 'scheduled maintenance' }),
  json(200, { status: 'error', code: 503 }),
  json(200, { success: false, code: -1, msg: 'system busy' }),
  json(200, { Error: 'busy' }),
  json(200, {}),
  json(200, null),
  json(200, 'busy'),
  json(202, { status: 'pending' }),
  page(200),
  page(200, SCRIPT),
  { status: 200, headers: {}, body: '' },
  { status: 204, headers: {}, body: '' },
  { status: 200, headers: { 'content-type': 'text/plain' }, body: 'Service temporarily unavailable' },
];

/** Answers of a 4xx that say nothing of the grant or of the client: what firewalls and deployments say. */
export const BARE_REFUSALS: readonly TokenAnswer[] = [
  page(400),
  page(401),
  page(403, '<html>Access denied. <ul><li>invalid_grant<li>invalid_client</ul></html>'),
  page(404),
  page(405),
  page(415),
  json(403, { message: 'Forbidden' }),
  json(404, { message: 'no Route matched with those values' }),
  json(422, {}),
  { status: 400, headers: {}, body: '' },
  { status: 418, headers: {}, body: 'after 5 invalid_grant errors you are blocked' },
];

/** Ways to say that a refresh token is dead; `posted` is one that the provider issued. */
export function refusals(posted: number): readonly TokenAnswer[] {
  return [
    json(400, { error: 'invalid_grant' }),
    json(401, { error: 'invalid_grant', error_description: 'Token is not active' }),
    json(403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }),
    json(200, { error: 'bad_refresh_token', refresh_token: refreshTokenOf(posted) }),
  ];
}
