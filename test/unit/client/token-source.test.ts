import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { createTokenSource, TokenError, type TokenSourceOptions } from '../../../client/index.ts';
import { FakeReadApi } from './fake-read-api.ts';

describe('a token source', () => {
  it('asks once and holds the token as long as the answer promises', async () => {
    const { api, source } = open();
    for (let at = 0; at < 3; at += 1) assert.equal((await source.getToken()).accessToken, 'fake-access-1');
    api.nowMs += 149_999;
    await source.getToken();
    assert.equal(api.asked.length, 1);
    api.nowMs += 1;
    await source.getToken();
    assert.equal(api.asked.length, 2);
  });

  it('counts its promise from when it asked, by its own clock', async () => {
    const { api, source } = open();
    api.answer = () => {
      api.nowMs += 2000;
      return api.token(1);
    };
    const asked = api.nowMs;
    const { holdUntilMs, expiresAtMs } = await source.getToken();
    assert.deepEqual([holdUntilMs - asked, expiresAtMs - asked], [150_000, 300_000]);
  });

  it('asks one question for any number of callers, and answers all of them', async () => {
    const { api, source } = open();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => source.getToken()));
    assert.deepEqual(new Set(tokens.map(({ generation }) => generation)), new Set([1]));
    assert.equal(api.asked.length, 1);
  });

  it('asks with the tag of what it holds, and goes on with it when that is still current', async () => {
    const { api, source } = open();
    await source.getToken();
    api.nowMs += 150_000;
    api.answer = () =>
      new Response(null, { status: 304, headers: { 'cache-control': 'private, max-age=10' } });
    assert.equal((await source.getToken()).accessToken, 'fake-access-1');
    assert.equal(api.asked[1]?.init.headers['if-none-match'], '"1"');
    api.nowMs += 9999;
    await source.getToken();
    assert.equal(api.asked.length, 2);
  });

  it('serves what it holds while it lives and nobody answers, and not a moment longer', async () => {
    const { api, source } = open();
    await source.getToken();
    api.answer = () => Promise.reject(new TypeError('fake network failure'));
    api.nowMs += 299_999;
    assert.equal((await source.getToken()).generation, 1);
    api.nowMs += 1;
    await assert.rejects(source.getToken(), isTokenError('unavailable'));
  });

  it('asks again no sooner than it was told', async () => {
    const { api, source } = open();
    api.answer = () => api.problem(503, 'refresh-pending', 15);
    const told = await source.getToken().catch((error: unknown) => error);
    assert.ok(told instanceof TokenError);
    assert.deepEqual([told.code, told.retryAfterSeconds, told.isTemporary], ['refresh-pending', 15, true]);
    api.answer = () => api.token(2);
    api.nowMs += 14_999;
    await assert.rejects(source.getToken(), isTokenError('refresh-pending'));
    assert.equal(api.asked.length, 1);
    api.nowMs += 1;
    assert.equal((await source.getToken()).generation, 2);
  });

  it('passes on what a person must do, though it holds a token that lives', async () => {
    const { api, source } = open();
    await source.getToken();
    api.nowMs += 200_000;
    api.answer = () => api.problem(409, 'credential-lapsed');
    await assert.rejects(source.getToken(), isTokenError('credential-lapsed', /what to do/));
  });

  it('says so when IAM refuses, or the answer cannot be understood', async () => {
    const { api, source } = open();
    api.answer = () => Response.json({ message: 'Forbidden' }, { status: 403 });
    await assert.rejects(source.getToken(), isTokenError('forbidden'));
    for (const body of ['', '<html>', '{}', '{"access_token":"x"}', 'null']) {
      api.answer = () => new Response(body);
      await assert.rejects(source.getToken(), isTokenError('unavailable'));
    }
  });

  it('asks for a least time to live, and does not take a shorter one for it', async () => {
    const { api, source } = open();
    api.answer = () => api.token(1, { expiresIn: 60, maxAge: 50 });
    await source.getToken();
    api.answer = () => api.token(2);
    assert.equal((await source.getToken({ minTtlSeconds: 90 })).generation, 2);
    assert.equal(new URL(api.asked[1]?.url ?? '').search, '?min_ttl=90');
  });

  it('fails nobody else for a caller who asks for too much', async () => {
    const { api, source } = open();
    api.answer = () => {
      const isTooMuch = new URL(api.asked.at(-1)?.url ?? '').search === '?min_ttl=9999';
      return isTooMuch ? api.problem(422, 'min-ttl-unattainable') : api.token(1);
    };
    const greedy = source.getToken({ minTtlSeconds: 9999 });
    const modest = source.getToken();
    await assert.rejects(greedy, isTokenError('min-ttl-unattainable'));
    assert.equal((await modest).generation, 1);
  });

  it('makes nobody else wait for what a caller with a longer least time to live was told to wait for', async () => {
    const { api, source } = open();
    api.answer = () => api.problem(503, 'refresh-pending', 15);
    await assert.rejects(source.getToken({ minTtlSeconds: 120 }), isTokenError('refresh-pending'));
    api.answer = () => api.token(1);
    assert.equal((await source.getToken({ minTtlSeconds: 60 })).generation, 1);
    api.nowMs += 14_999;
    await source.getToken({ minTtlSeconds: 120 });
    assert.equal(api.asked.length, 2);
  });

  it('makes a caller wait who asks for more than one that was told to wait', async () => {
    const { api, source } = open();
    api.answer = () => api.problem(503, 'refresh-pending', 15);
    await assert.rejects(source.getToken(), isTokenError('refresh-pending'));
    await assert.rejects(source.getToken({ minTtlSeconds: 60 }), isTokenError('refresh-pending'));
    assert.equal(api.asked.length, 1);
  });

  it('names the code of what went wrong on the way, and none of its text', async () => {
    const { api, source } = open();
    const cause = Object.assign(new Error('fake-secret-text'), { code: 'ECONNREFUSED' });
    api.answer = () => Promise.reject(new TypeError('fake-secret-text', { cause }));
    await assert.rejects(source.getToken(), isTokenError('unavailable', /^The read API .*\(ECONNREFUSED\)/));
    api.answer = () => Promise.reject(new TypeError('fake-secret-text'));
    await assert.rejects(source.getToken(), isTokenError('unavailable', /^The read API does not answer\. /));
  });

  it('asks one question for all, though the answer took longer than the token had left when it was asked', async () => {
    const { api, source } = open();
    api.answer = () => {
      api.nowMs += 8000;
      return api.token(1, { expiresIn: 5, maxAge: 0 });
    };
    const tokens = await Promise.all([source.getToken(), source.getToken(), source.getToken()]);
    assert.deepEqual(
      tokens.map(({ generation }) => generation),
      [1, 1, 1],
    );
    assert.equal(api.asked.length, 1);
  });

  it('never goes back to an older token', async () => {
    const { api, source } = open();
    api.answer = () => api.token(2, { maxAge: 0 });
    await source.getToken();
    api.answer = () => api.token(1, { maxAge: 0 });
    assert.equal((await source.getToken()).generation, 2);
  });

  it('uses a token that was confirmed a moment ago without asking, if it is given a grace', async () => {
    const { api, source } = open({ graceSeconds: 2 });
    api.answer = () => api.token(1, { maxAge: 0 });
    await source.getToken();
    api.nowMs += 1999;
    await source.getToken();
    assert.equal(api.asked.length, 1);
    api.nowMs += 1;
    await source.getToken();
    assert.equal(api.asked.length, 2);
  });

  it('drops a token that an event says is dead, and no other', async () => {
    const { api, source } = open();
    await source.getToken();
    for (const detail of [
      { credential: 'acme', generation: 1 },
      { credential: 'other', generation: 9 },
    ]) {
      source.refreshed(detail);
      await source.getToken();
    }
    assert.equal(api.asked.length, 1);
    api.answer = () => api.token(2);
    source.refreshed({ credential: 'acme', generation: 2 });
    assert.equal((await source.getToken()).generation, 2);
  });

  it('gives up for a caller that does, and goes on for the others', async () => {
    const { api, source } = open();
    let answer: (response: Response) => void = () => undefined;
    api.answer = () => new Promise((resolve) => (answer = resolve));
    const impatient = new AbortController();
    const [given, waiting] = [source.getToken({ signal: impatient.signal }), source.getToken()];
    impatient.abort();
    await assert.rejects(given, { name: 'AbortError' });
    answer(api.token(1));
    assert.equal((await waiting).generation, 1);
  });

  it('shows no token when it or its token is printed', async () => {
    const { source } = open();
    const token = await source.getToken();
    assert.doesNotMatch(inspect([source, token], { depth: 9 }) + JSON.stringify(token), /fake-access/);
    assert.equal(token.accessToken, 'fake-access-1');
  });
});

describe('a token source that looks ahead', () => {
  it('has the next token when the promise of the last one is over, and rests until it is asked again', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { api, source } = open({ background: true });
    const pass = async (ms: number) => {
      api.nowMs += ms;
      t.mock.timers.tick(ms);
      await new Promise(setImmediate);
    };
    await source.getToken();
    await pass(149_999);
    assert.equal(api.asked.length, 1);
    api.answer = () => api.token(1, { expiresIn: 150, maxAge: 0 });
    await pass(1);
    assert.equal(api.asked.length, 2);
    api.answer = () => api.token(2);
    await pass(1000);
    assert.equal(api.asked.length, 3);
    assert.equal((await source.getToken()).generation, 2);
    assert.equal(api.asked.length, 3);
    source.close();
    await pass(600_000);
    assert.equal(api.asked.length, 3);
  });

  it('asks nothing while a promise lasts that is longer than any timer', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { api, source } = open({ background: true });
    const dayMs = 86_400_000;
    api.answer = () => api.token(1, { expiresIn: 60 * 86_400, maxAge: 30 * 86_400 });
    await source.getToken();
    for (let day = 1; day <= 30; day += 1) {
      assert.equal(api.asked.length, 1);
      api.nowMs += dayMs;
      t.mock.timers.tick(dayMs);
      await new Promise(setImmediate);
    }
    assert.equal(api.asked.length, 2);
    source.close();
  });

  it('asks nothing more for somebody who has gone', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { api, source } = open({ background: true });
    await source.getToken();
    api.answer = () => api.token(2);
    for (let minutes = 0; minutes < 20; minutes += 1) {
      api.nowMs += 60_000;
      t.mock.timers.tick(60_000);
      await new Promise(setImmediate);
    }
    assert.equal(api.asked.length, 2);
  });
});

function open(more: Partial<TokenSourceOptions> = {}) {
  const api = new FakeReadApi();
  const options = {
    via: 'read-api',
    credential: 'acme',
    url: 'https://api.example/',
    fetch: api.fetch,
    nowMs: api.clock,
  };
  return { api, source: createTokenSource({ ...options, ...more } as TokenSourceOptions) };
}

function isTokenError(code: string, message = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof TokenError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}
