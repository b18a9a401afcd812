import { type BadManner, manners, pair, type Row, whole } from './manner.ts';

const PAGE = '<!doctype html><html><title>Access denied</title><p>invalid_grant, access_token</html>';
const error = (code: unknown, more: object = {}) => JSON.stringify({ error: code, ...more });

/** A page with a status that says nothing of the grant. */
const pages = (statuses: readonly number[], outcome: Row[1]): Row[] =>
  statuses.map((status) => [`${status} with a page`, outcome, () => whole(PAGE, status)]);

/** Statuses that are beside the point, and codes under statuses that they do not belong to. */
export const STATUSES: readonly BadManner[] = manners('status', [
  ...pages([400, 401, 402, 403, 404, 405, 406, 409, 410, 415, 418, 421, 422, 451, 499], 'refused'),
  ...pages(
    [300, 301, 302, 303, 307, 308, 408, 425, 500, 501, 502, 503, 504, 505, 511, 520, 525, 530, 599, 600, 999],
    'unknown',
  ),
  ...pages([200, 201, 202, 203, 206, 299], 'unknown'),
  ...[201, 202, 203, 206, 207, 226, 250].map(
    (status): Row => [`${status} with a pair`, 'success', (x) => whole(pair(x), status)],
  ),
  ['204 with a pair', 'success', (x) => whole(pair(x), 204)],
  ['204 with nothing', 'unknown', () => whole('', 204)],
  ['202 with a promise', 'unknown', () => whole('{"status":"pending"}', 202)],
  ['429', 'throttled', () => whole('', 429)],
  ['429 with a code', 'throttled', () => whole(error('invalid_grant'), 429)],
  ['429 with a page', 'throttled', () => whole(PAGE, 429, ['retry-after: 30'])],
  [
    '400 that means 429',
    'throttled',
    () => whole(error('slow_down', { error_description: 'too many invalid_grant answers' }), 400),
  ],
  ['403 that means 429', 'throttled', () => whole('{"message":"Too Many Requests"}', 403)],
  ['503 that says when', 'unknown', () => whole('', 503, ['retry-after: 30'])],
  ['a pair that is no 2xx: 302', 'unknown', (x) => whole(pair({ ...x, refresh: x.posted }), 302)],
  ['a pair that is no 2xx: 400', 'refused', (x) => whole(pair({ ...x, refresh: x.posted }), 400)],
  ['a pair that is no 2xx: 500', 'unknown', (x) => whole(pair({ ...x, refresh: x.posted }), 500)],
  ...[200, 400, 401, 403, 500].map(
    (status): Row => [
      `${status} with invalid_grant`,
      'refused-grant',
      () => whole(error('invalid_grant'), status),
    ],
  ),
  ...[200, 400, 401, 403].map(
    (status): Row => [
      `${status} with invalid_client`,
      'refused-client',
      () => whole(error('invalid_client'), status),
    ],
  ),
  ['400 with a page of codes', 'refused', () => whole('<ul><li>invalid_grant</ul>', 400)],
  [
    '400 with a sentence about a code',
    'refused',
    () => whole('after 5 invalid_grant errors you are blocked', 400),
  ],
  ['400 with server_error', 'unknown', () => whole(error('server_error'), 400)],
  [
    '400 with a code in base64',
    'refused-grant',
    () => whole(Buffer.from(error('invalid_grant')).toString('base64'), 400),
  ],
]);
