import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LoopbackTokenEndpoint } from '../../../shared/token-endpoint/loopback-token-endpoint.ts';
import type { Outcome, TokenEndpoint, TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';

const LIMITS = { sendByMs: 1000, answerByMs: 2000 };
const SENT: Outcome = { kind: 'throttled' };

function endpoint() {
  const posted: string[] = [];
  const inner: TokenEndpoint = {
    post: async ({ tokenUrl }) => {
      posted.push(tokenUrl);
      return SENT;
    },
  };
  const request = (tokenUrl: string): TokenRequest => ({
    tokenUrl,
    clientAuth: 'none',
    client: { clientId: 'fake-id' },
    grant: 'client_credentials',
    extra: {},
  });
  const guarded = new LoopbackTokenEndpoint(inner);
  return { posted, post: (tokenUrl: string) => guarded.post(request(tokenUrl), LIMITS) };
}

describe('a token endpoint that keeps to this machine', () => {
  test('posts to every way to write loopback, and hands on what is no URL to be refused', async () => {
    const { posted, post } = endpoint();
    const urls = [
      'http://127.0.0.1:1/t',
      'https://localhost/t',
      'http://[::1]/t',
      'http://127.1/t',
      'no url',
    ];
    for (const url of urls) assert.deepEqual(await post(url), SENT);
    assert.deepEqual(posted, urls);
  });

  test('refuses every other host, and nothing is sent', async () => {
    const { posted, post } = endpoint();
    for (const url of [
      'https://api.bs2.com/auth/oauth/v2/token',
      'https://localhost.evil.example/t',
      'https://127.0.0.1.evil.example/t',
      'https://128.0.0.1/t',
      'https://[::2]/t',
      'https://user@api.bs2.com/t',
    ]) {
      assert.deepEqual(await post(url), { kind: 'refused-client', reason: 'remote-provider' });
    }
    assert.deepEqual(posted, []);
  });
});
