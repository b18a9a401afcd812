import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTokenSource, type Fetch, type FetchInit, signedFetch } from '../../../client/index.ts';
import { signV4 } from '../../../shared/aws-signature/sign-v4.ts';

const URL_OF_API = 'https://api.example/tokens/acme';
const CREDENTIALS = { accessKeyId: 'fake-key', secretAccessKey: 'fake-secret', sessionToken: 'fake-session' };
const NOW_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

describe('a signed fetch', () => {
  it('signs for API Gateway, with the credentials of the moment', async () => {
    let keys = 0;
    const credentials = async () => ({ accessKeyId: `fake-key-${++keys}`, secretAccessKey: 'fake-secret' });
    const { fetch, sent } = open({ credentials });
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"generation":1}',
    };
    const url = `${URL_OF_API}/refused`;

    for (let at = 0; at < 2; at += 1) await fetch(url, { ...request, signal });

    for (const [at, init] of sent.entries()) {
      const with_ = { accessKeyId: `fake-key-${at + 1}`, secretAccessKey: 'fake-secret' };
      const scope = { credentials: with_, region: 'sa-east-1', service: 'execute-api', nowMs: NOW_MS };
      assert.deepEqual(init.headers, signV4({ ...request, url: new URL(url) }, scope));
      assert.equal(init.body, request.body);
    }
  });

  it('follows no redirect', async () => {
    const { fetch, sent } = open();
    await fetch(URL_OF_API, { method: 'GET', headers: {}, signal });
    assert.equal(sent[0]?.redirect, 'manual');
  });

  it('signs once more by the time of the answer when its clock is wrong, and all that follows by that time', async () => {
    for (const offMs of [20 * MINUTE_MS, -20 * MINUTE_MS]) {
      const { fetch, sent } = open({ serverMs: NOW_MS + offMs });
      for (let at = 0; at < 2; at += 1) {
        assert.equal((await fetch(URL_OF_API, { method: 'GET', headers: {}, signal })).status, 200);
      }
      assert.deepEqual(sent.map(signedAtMs), [NOW_MS, NOW_MS + offMs, NOW_MS + offMs]);
    }
  });

  it('signs no more than once more', async () => {
    const { fetch, sent } = open({ serverMs: NOW_MS + 20 * MINUTE_MS, isRefusing: true });
    assert.equal((await fetch(URL_OF_API, { method: 'GET', headers: {}, signal })).status, 403);
    assert.equal(sent.length, 2);
  });

  it('believes its clock when a refusal is for another reason', async () => {
    const { fetch, sent } = open({ serverMs: NOW_MS + 4 * MINUTE_MS, isRefusing: true });
    assert.equal((await fetch(URL_OF_API, { method: 'GET', headers: {}, signal })).status, 403);
    assert.equal(sent.length, 1);
  });

  it('sends no credentials in clear, but to this machine', async () => {
    const { fetch, sent } = open();
    const request = { method: 'GET', headers: {}, signal };
    await assert.rejects(fetch('http://api.example/tokens/acme', request), { code: 'insecure-url' });
    assert.equal(sent.length, 0);
    await fetch('http://127.0.0.1:4701/tokens/acme', request);
  });
});

describe('a token source with a signed fetch', () => {
  it('gets its token with a clock that is wrong', async () => {
    const { source } = open({ serverMs: NOW_MS + 20 * MINUTE_MS });
    assert.equal((await source.getToken()).generation, 1);
  });

  it('names a missing right, and not the clock that was corrected', async () => {
    const { source } = open({ serverMs: NOW_MS + 20 * MINUTE_MS, isRefusing: true });
    await assert.rejects(source.getToken(), { code: 'forbidden', message: /IAM/ });
  });

  it('names credentials that cannot be loaded, and none of the error’s text', async () => {
    const lost = Object.assign(new Error('fake-secret-text'), { name: 'CredentialsProviderError' });
    const { source, sent } = open({ credentials: () => Promise.reject(lost) });
    await assert.rejects(source.getToken(), {
      code: 'expired-credentials',
      isTemporary: true,
      message: /^(?!.*fake-secret).*credentials cannot be loaded \(CredentialsProviderError\)/,
    });
    assert.equal(sent.length, 0);
  });
});

const { signal } = new AbortController();

/** A gateway with a clock of its own, which refuses a signature that is five minutes off as API Gateway does. */
function open({ serverMs = NOW_MS, isRefusing = false, credentials = () => CREDENTIALS as object } = {}) {
  const sent: FetchInit[] = [];
  const gateway: Fetch = async (_, init) => {
    sent.push(init);
    const headers = { date: new Date(serverMs).toUTCString() };
    if (isRefusing || Math.abs(signedAtMs(init) - serverMs) > 5 * MINUTE_MS) {
      return Response.json({ message: 'Forbidden' }, { status: 403, headers });
    }
    return Response.json({ access_token: 'fake-access-1', generation: 1, expires_in: 300 }, { headers });
  };
  const fetch = signedFetch({
    region: 'sa-east-1',
    credentials: credentials as () => typeof CREDENTIALS,
    fetch: gateway,
    nowMs: () => NOW_MS,
  });
  const api = { via: 'read-api', credential: 'acme', url: 'https://api.example' } as const;
  return { fetch, sent, source: createTokenSource({ ...api, fetch, nowMs: () => NOW_MS }) };
}

function signedAtMs({ headers }: FetchInit): number {
  const [, year, month, day, hour, minute, second] =
    /^(....)(..)(..)T(..)(..)(..)Z$/.exec(headers['x-amz-date'] ?? '') ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
