// Each rule that a provider can have, on a sandbox that has it. The clock is the test's own.
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { ProviderRules } from '../../../../local/sandboxes/provider/rules.ts';
import { Sandbox } from '../../../../local/sandboxes/provider/sandbox.ts';
import { TokenError, TooManyTokensError } from '../../../../local/sandboxes/provider/token-error.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';

const MINUTE_MS = 60_000;
const CLIENT = { clientId: 'fake-client', clientSecret: 'fake-secret' };

const RULES: ProviderRules = {
  provider: 'fake',
  grants: ['refresh_token', 'password', 'client_credentials', 'authorization_code'],
  clientAuth: ['post'],
  scope: 'optional',
  accessToken: { lifeMs: 30 * MINUTE_MS, expiresIn: 'stated', alive: Infinity },
  refreshToken: { rotation: 'immediate', lifetime: 'own' },
};

function sandboxOf(_t: TestContext, changes: Partial<ProviderRules>) {
  const clock = new ManualClock();
  let drawn = 0;
  const random = { id: () => `fake-token-${++drawn}` };
  const sandbox = new Sandbox({ clock, rules: { ...RULES, ...changes }, random, journal: undefined });
  const first = sandbox.grant({ ...CLIENT, scope: 'a b' });
  const refresh = (refreshToken: string, scope?: string) =>
    sandbox.issue({ grantType: 'refresh_token', ...CLIENT, refreshToken, scope });
  return { clock, sandbox, first, refresh };
}

const refused = (code: string) => (error: unknown) => error instanceof TokenError && error.code === code;

describe('rotation', () => {
  test('immediate: the old refresh token is spent', (t) => {
    const { first, refresh } = sandboxOf(t, {});
    const { refreshToken } = refresh(first);
    assert.notEqual(refreshToken, first);
    assert.throws(() => refresh(first), refused('invalid_grant'));
  });

  test('none: the refresh token stays, and no answer carries one', (t) => {
    const { first, refresh } = sandboxOf(t, { refreshToken: { rotation: 'none', lifetime: 'sliding' } });
    assert.equal('refreshToken' in refresh(first), false);
    refresh(first);
  });

  test('grace: the old one is taken for a while after it was replaced, not from its issue, and not longer', async (t) => {
    const graceMs = 30 * MINUTE_MS;
    const { clock, first, refresh } = sandboxOf(t, {
      refreshToken: { rotation: 'grace', graceMs, lifetime: 'own' },
    });
    await clock.advance(10 * graceMs);
    refresh(first);
    await clock.advance(graceMs - 1);
    const { refreshToken: again } = refresh(first);
    await clock.advance(1);
    assert.throws(() => refresh(first), refused('invalid_grant'));
    refresh(again ?? '');
  });

  test('grace without an end (Entra): old ones are good as long as they live', async (t) => {
    const { clock, first, refresh } = sandboxOf(t, {
      refreshToken: { rotation: 'grace', graceMs: Infinity, lifeMs: 60 * MINUTE_MS, lifetime: 'own' },
    });
    refresh(first);
    await clock.advance(60 * MINUTE_MS - 1);
    refresh(first);
    await clock.advance(1);
    assert.throws(() => refresh(first), refused('invalid_grant'));
  });
});

describe('the life of a refresh token', () => {
  const lifeMs = 10 * MINUTE_MS;

  test('own: each new one has a life of its own', async (t) => {
    const { clock, first, refresh } = sandboxOf(t, {
      refreshToken: { rotation: 'immediate', lifeMs, lifetime: 'own' },
    });
    await clock.advance(lifeMs - 1);
    const { refreshToken } = refresh(first);
    await clock.advance(lifeMs - 1);
    refresh(refreshToken ?? '');
  });

  test('sliding: each use gives it a whole life again', async (t) => {
    const { clock, first, refresh } = sandboxOf(t, {
      refreshToken: { rotation: 'none', lifeMs, lifetime: 'sliding' },
    });
    for (let at = 0; at < 3; at++) {
      await clock.advance(lifeMs - 1);
      refresh(first);
    }
    await clock.advance(lifeMs);
    assert.throws(() => refresh(first), refused('invalid_grant'));
  });

  test('absolute: it ends with the login, however often it is used', async (t) => {
    const { clock, first, refresh } = sandboxOf(t, {
      refreshToken: { rotation: 'none', lifeMs, lifetime: 'absolute' },
    });
    await clock.advance(lifeMs - 1);
    refresh(first);
    await clock.advance(1);
    assert.throws(() => refresh(first), refused('invalid_grant'));
  });

  test('the chain: a hard end beside the life of each (QuickBooks)', async (t) => {
    const { clock, first, refresh } = sandboxOf(t, {
      refreshToken: { rotation: 'immediate', lifeMs, lifetime: 'own', chainMs: 1.5 * lifeMs },
    });
    await clock.advance(lifeMs - 1);
    const { refreshToken = '', refreshTokenEndMs = 0 } = refresh(first);
    assert.equal(refreshTokenEndMs - clock.nowMs(), lifeMs / 2 + 1);
    await clock.advance(lifeMs / 2 + 1);
    assert.throws(() => refresh(refreshToken), refused('invalid_grant'));
  });
});

describe('access tokens', () => {
  test('live to their own end, unless the rules end the oldest', (t) => {
    for (const [alive, expected] of [
      [1, [false, false, true]],
      [2, [false, true, true]],
      [Infinity, [true, true, true]],
    ] as const) {
      const { first, refresh, sandbox } = sandboxOf(t, {
        accessToken: { ...RULES.accessToken, alive },
        refreshToken: { rotation: 'none', lifetime: 'own' },
      });
      const tokens = [refresh(first), refresh(first), refresh(first)];
      assert.deepEqual(
        tokens.map(({ accessToken }) => sandbox.isAlive(accessToken)),
        expected,
      );
    }
  });
});

describe('quotas', () => {
  test('of each grant: so many tokens of it in a window, and what is refused does not count', async (t) => {
    const { clock, first, refresh, sandbox } = sandboxOf(t, {
      quota: { limit: 2, windowMs: MINUTE_MS, per: 'grant' },
      refreshToken: { rotation: 'none', lifetime: 'own' },
    });
    refresh(first);
    await clock.advance(1000);
    refresh(first);
    const tooMany = (error: unknown) => error instanceof TooManyTokensError && error.retryAfterMs === 59_000;
    assert.throws(() => refresh(first), tooMany);
    assert.throws(() => refresh(first), tooMany);
    const other = sandbox.grant({ ...CLIENT, scope: 'a b' });
    refresh(other);
    await clock.advance(59_000);
    refresh(first);
  });

  test('with a ban: one request too many closes the endpoint for longer than the window (Bling)', async (t) => {
    const { clock, sandbox } = sandboxOf(t, {
      quota: { limit: 2, windowMs: MINUTE_MS, per: 'provider', banMs: 60 * MINUTE_MS },
    });
    const admitted = () => sandbox.arrive().admitted;
    assert.deepEqual([admitted(), admitted(), admitted()], [true, true, false]);
    await clock.advance(60 * MINUTE_MS - 1);
    assert.equal(admitted(), false);
    await clock.advance(1);
    assert.equal(admitted(), true);
  });
});

test('an optional scope may be left out or narrowed, never widened', (t) => {
  const { first, refresh } = sandboxOf(t, { refreshToken: { rotation: 'none', lifetime: 'own' } });
  assert.deepEqual([refresh(first).scope, refresh(first, 'b').scope], ['a b', 'b']);
  assert.throws(() => refresh(first, 'a c'), refused('invalid_scope'));
});
