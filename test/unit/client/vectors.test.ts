import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { retryAfterSeconds } from '../../../client/answer-headers.ts';
import { authScheme } from '../../../client/auth-scheme.ts';
import { createTokenSource, TokenError } from '../../../client/index.ts';
import { assertSecure, credentialUrl } from '../../../client/secure-url.ts';
import { signV4 } from '../../../shared/aws-signature/sign-v4.ts';
import { laneAt, laneBefore } from '../../../shared/vault/lanes.ts';
import { VectorPlayer } from './vector-player.ts';
import { readVectors } from './vectors.ts';

const vectors = readVectors();

describe('the cases that readers of all languages share', () => {
  for (const scenario of vectors.scenarios) {
    it(`${scenario.via}: ${scenario.name}`, async (t) => {
      skipSleep(t);
      await new VectorPlayer(scenario, vectors.start).play();
    });
  }

  it('say by which scheme a token is sent', () => {
    for (const { token_type, scheme } of vectors.schemes)
      assert.equal(authScheme(token_type), scheme, token_type);
  });

  it('say where a token may be sent', () => {
    for (const { url, allowed } of vectors.urls) {
      const check = () => assertSecure(new URL(url));
      if (allowed) check();
      else assert.throws(check, isTokenError('insecure-url'), url);
    }
  });

  it('say which base URLs a read API may have', () => {
    for (const { url, asks, error = '' } of vectors.base_urls) {
      const create = () => createTokenSource({ credential: 'acme', via: 'read-api', url });
      if (asks === undefined) assert.throws(create, isTokenError(error), url);
      else assert.equal(credentialUrl(url, 'acme'), asks);
    }
  });

  it('say how long a Retry-After is', () => {
    const nowMs = Date.parse(vectors.start);
    for (const { retry_after, date, seconds } of vectors.retry_after) {
      const headers = new Headers({ 'retry-after': retry_after, ...(date === null ? {} : { date }) });
      assert.equal(retryAfterSeconds(headers, nowMs) ?? null, seconds, retry_after);
    }
  });

  it('say which lane a time has', () => {
    for (const { at, lanes, day_seconds, lane, before } of vectors.lanes) {
      assert.equal(laneAt(Date.parse(at), lanes, day_seconds * 1000), lane, at);
      assert.equal(laneBefore(lane, lanes), before);
    }
  });

  it('say how a request is signed', () => {
    for (const vector of vectors.signatures) {
      const { method, url, headers, body, region, service, at, authorization } = vector;
      const credentials = {
        accessKeyId: vector.access_key_id,
        secretAccessKey: vector.secret_access_key,
        sessionToken: vector.session_token,
      };
      const scope = { credentials, region, service, nowMs: Date.parse(at) };
      assert.equal(signV4({ method, url: new URL(url), headers, body }, scope).authorization, authorization);
    }
  });
});

/** Looks at the secrets follow each other at once. */
function skipSleep(t: TestContext): void {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const timer = setInterval(() => t.mock.timers.tick(1000), 1);
  t.after(() => clearInterval(timer));
}

function isTokenError(code: string) {
  return (error: unknown) => {
    assert.ok(error instanceof TokenError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}
