// How long tokens live, in the many ways in which answers state it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify, NOW_MS, tokenBody } from './fixtures.ts';

const SECONDS = NOW_MS / 1000;
const iso = (seconds: number) => new Date(NOW_MS + seconds * 1000).toISOString();
const http = (seconds: number) => new Date(NOW_MS + seconds * 1000).toUTCString();

function lives(members: object, headers: Record<string, string> = {}) {
  const outcome = classify(200, tokenBody({ expires_in: undefined, ...members }), { headers });
  assert.ok(outcome.kind === 'success');
  return outcome.response;
}

const ACCESS: [members: object, seconds: number | undefined][] = [
  [{}, undefined],
  [{ expires_in: 0 }, 0],
  [{ expires_in: '0' }, 0],
  [{ expires_in: -1 }, undefined],
  [{ expires_in: 3_600_000, expires_in_sec: 3600 }, 3600],
  [{ expires_in: 3_600_000, expires_in_seconds: '3600' }, 3600],
  [{ expires_in_ms: 3_600_000 }, 3600],
  [{ expires_in: 3_600_000, expires_at: SECONDS + 3600 }, 3600],
  [{ expires_in: 3600, expires_at: SECONDS + 3600 }, 3600],
  [{ expires_in: 300, expires_at: SECONDS + 3600 }, 300],
  [{ expires_in: 600_000 }, 600_000],
  [{ expiresIn: 300 }, 300],
  [{ ExpiresIn: 300 }, 300],
  [{ access_token_expires_in: 300 }, 300],
  [{ expires_at: SECONDS + 20 }, 20],
  [{ expires_at: String(SECONDS + 20) }, 20],
  [{ expires_at: NOW_MS + 20_500 }, 20],
  [{ expires_at: iso(20) }, 20],
  [{ expires_at: '2026-11-21T09:05:00-03:00' }, 300],
  [{ expires_at: '2026-11-21 12:05:00 UTC' }, 300],
  [{ expires_at: '2026-11-21T12:05:00' }, 300],
  [{ expires_at: '2026-11-21T11:05:00' }, undefined],
  [{ expires_at: SECONDS - 5 }, 0],
  [{ expires_at: 20 }, undefined],
  [{ expires_at: 'soon' }, undefined],
  [{ expires_on: String(SECONDS + 300) }, 300],
  [{ expiresAt: iso(300) }, 300],
  [{ expires: 300 }, 300],
  [{ expires: SECONDS + 300 }, 300],
  [{ '.expires': http(300), '.issued': http(0) }, 300],
  [{ expires: 'Sat Nov 21 12:05:00 2026' }, 300],
  [{ expires: 'Saturday, 21-Nov-26 12:05:00 GMT' }, 300],
  [{ expires_at: `/Date(${NOW_MS + 300_000})/` }, 300],
  [{ expires_in: SECONDS + 300 }, 300],
  [{ expires_in: iso(300) }, 300],
  [{ expires_in: SECONDS - 10_000_000 }, undefined],
  // The provider's clock is an hour ahead: it says so by when the token was issued.
  [{ issued_at: SECONDS + 3600, expires_at: SECONDS + 3900 }, 300],
  // A token from a cache: what is left counts, not its whole life.
  [{ issued_at: SECONDS - 200, expires_at: SECONDS + 100 }, 100],
  [{ issued_at: '2026-11-21T05:00:00', expires_at: '2026-11-21T05:05:00' }, 300],
  [{ created_at: '2019-01-01T00:00:00Z', expires_at: SECONDS + 300 }, 300],
];

for (const [members, seconds] of ACCESS) {
  test(`${JSON.stringify(members)} is an access token of ${seconds ?? 'no stated'} seconds`, () => {
    assert.equal(lives(members).expiresInSeconds, seconds);
  });
}

test('a moment counts from the clock of the provider, if it tells the time', () => {
  const hourAhead = { date: http(3600) };
  assert.equal(lives({ expires_at: SECONDS + 3900 }, hourAhead).expiresInSeconds, 300);
  assert.equal(lives({ expires_at: SECONDS + 300 }, { date: 'yesterday' }).expiresInSeconds, 300);
  assert.equal(lives({ expires_at: SECONDS + 300 }, { date: http(400_000) }).expiresInSeconds, 300);
});

const REFRESH: [members: object, seconds: number | undefined][] = [
  [{}, undefined],
  [{ x_refresh_token_expires_in: 8_726_400 }, 8_726_400],
  [{ refresh_token_expires_in: 172_800 }, 172_800],
  [{ refresh_expires_in: '1800' }, 1800],
  [{ refresh_expires_in: 0 }, undefined],
  [{ refreshTokenExpiresIn: 1800 }, 1800],
  [{ refresh_token_expires_at: SECONDS + 1800 }, 1800],
  [{ refresh_token_expires_at: NOW_MS + 1_800_000 }, 1800],
  [{ refresh_token_expires_at: iso(1800) }, 1800],
  [{ refresh_token_expires_on: http(1800) }, 1800],
  [{ refresh_token_expires: SECONDS + 1800 }, 1800],
  [{ refresh_token_lifetime: '30 days' }, 2_592_000],
  [{ refresh_token_expires_in: 1_800_000, refresh_token_expires_at: SECONDS + 1800 }, 1800],
  [{ refresh_token_expires_in: 1_800_000, refresh_token_expires_in_seconds: 1800 }, 1800],
];

for (const [members, seconds] of REFRESH) {
  test(`${JSON.stringify(members)} is a refresh token of ${seconds ?? 'no stated'} seconds`, () => {
    const { refreshTokenExpiresInSeconds, expiresInSeconds } = lives(members);
    assert.equal(refreshTokenExpiresInSeconds, seconds);
    assert.equal(expiresInSeconds, undefined);
  });
}
