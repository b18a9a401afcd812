import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import type {
  PostLimits,
  TokenEndpoint,
  TokenRequest,
} from '../../../shared/token-endpoint/token-endpoint.ts';

/** What the provider does with every request from now on. */
export type Behaviour = 'success' | 'refused-grant' | 'throttled' | 'silence';

export interface ProviderUnderTest {
  readonly endpoint: TokenEndpoint;
  readonly tokenUrl: string;
  behave(behaviour: Behaviour): void;
  /** How many requests reached the provider. */
  receivedCount(): number;
}

export const ACCESS_TOKEN = 'fake-access-token-2';
export const REFRESH_TOKEN = 'fake-refresh-token-2';
export const RETRY_AFTER_SECONDS = 30;

/** The rules of the port that hold for every implementation, on {@link systemClock}. */
export function tokenEndpointContract(name: string, start: (t: TestContext) => Promise<ProviderUnderTest>) {
  describe(`token endpoint: ${name}`, () => {
    test('a token response is a success with the pair in it', async (t) => {
      const provider = await start(t);
      provider.behave('success');

      const outcome = await provider.endpoint.post(request(provider), limits());

      assert.ok(outcome.kind === 'success');
      assert.equal(outcome.response.accessToken.reveal(), ACCESS_TOKEN);
      assert.equal(outcome.response.refreshToken?.reveal(), REFRESH_TOKEN);
      assert.equal(provider.receivedCount(), 1);
    });

    test('a refused refresh token is an outcome', async (t) => {
      const provider = await start(t);
      provider.behave('refused-grant');

      const outcome = await provider.endpoint.post(request(provider), limits());

      assert.deepEqual(outcome, { kind: 'refused-grant', reason: 'invalid_grant' });
    });

    test('a throttled request says how long to wait', async (t) => {
      const provider = await start(t);
      provider.behave('throttled');

      const outcome = await provider.endpoint.post(request(provider), limits());

      assert.deepEqual(outcome, { kind: 'throttled', retryAfterSeconds: RETRY_AFTER_SECONDS });
    });

    for (const sendInMs of [0, -1000]) {
      test(`nothing is sent when the send deadline was ${-sendInMs} ms ago, and the next post is none the worse`, async (t) => {
        const provider = await start(t);
        provider.behave('success');

        const outcome = await provider.endpoint.post(request(provider), limits({ sendInMs }));

        assert.deepEqual(outcome, { kind: 'not-sent', reason: 'send-deadline' });
        assert.equal(provider.receivedCount(), 0);
        assert.equal((await provider.endpoint.post(request(provider), limits())).kind, 'success');
      });
    }

    test('without an answer by the deadline the outcome is unknown, and nothing is sent again', async (t) => {
      const provider = await start(t);
      provider.behave('silence');

      const outcome = await provider.endpoint.post(request(provider), limits({ answerInMs: 120 }));

      assert.deepEqual(outcome, { kind: 'unknown', reason: 'answer-deadline' });
      assert.equal(provider.receivedCount(), 1);
    });

    test('posts at the same time are requests of their own', async (t) => {
      const provider = await start(t);
      provider.behave('success');

      const posts = [1, 2, 3].map(() => provider.endpoint.post(request(provider), limits()));
      const outcomes = await Promise.all(posts);

      assert.deepEqual(new Set(outcomes.map(({ kind }) => kind)), new Set(['success']));
      assert.equal(provider.receivedCount(), 3);
    });

    const unbuildable: Record<string, Partial<TokenRequest>> = {
      'missing-refresh-token': { refreshToken: undefined },
      'missing-client-secret': { client: { clientId: 'fake-client' } },
      'invalid-token-url': { tokenUrl: 'http://provider.example/token' },
    };
    for (const [reason, changes] of Object.entries(unbuildable)) {
      test(`a request with ${reason} is refused without being sent`, async (t) => {
        const provider = await start(t);
        provider.behave('success');

        const outcome = await provider.endpoint.post({ ...request(provider), ...changes }, limits());

        assert.deepEqual(outcome, { kind: 'refused-client', reason });
        assert.equal(provider.receivedCount(), 0);
      });
    }
  });
}

function request({ tokenUrl }: ProviderUnderTest): TokenRequest {
  return {
    tokenUrl,
    clientAuth: 'post',
    client: { clientId: 'fake-client', clientSecret: new Secret('fake-client-secret') },
    grant: 'refresh_token',
    refreshToken: new Secret('fake-refresh-token-1'),
    extra: {},
  };
}

function limits({ sendInMs = 5000, answerInMs = 10_000 } = {}): PostLimits {
  const nowMs = systemClock.monotonicMs();
  return { sendByMs: nowMs + sendInMs, answerByMs: nowMs + answerInMs };
}
