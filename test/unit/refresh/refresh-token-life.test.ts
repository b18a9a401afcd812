import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SealedPair } from '../../../shared/credential/credential.ts';
import type { RefreshTokenLifetime } from '../../../shared/credential/settings.ts';
import { refreshTokenLife } from '../../../shared/refresh/attempt/refresh-token-life.ts';
import { Secret } from '../../../shared/secret/secret.ts';

const SENT_MS = 1_000_000;
const KNOWN_MS = 1_500_000;
const REGISTERED_MS = 700_000;
const NEW = new Secret('fake-refresh-token-2');

const PAIR: SealedPair = {
  chain: 'c',
  generation: 1,
  attempt: 'a',
  sealedAccess: 'sealed-access',
  sealedRefresh: 'sealed-refresh',
  tokenType: 'Bearer',
  issuedAtMs: 0,
  expiresAtMs: 1,
  refreshAfterMs: 1,
  refreshTokenExpiresAtMs: KNOWN_MS,
};

interface Case {
  readonly says: string;
  readonly lifetime?: RefreshTokenLifetime;
  readonly pair?: Partial<SealedPair>;
  readonly registeredMs?: number | 'none';
  readonly replaced: boolean;
  readonly statedSeconds?: number;
  readonly endMs: number | undefined;
}

const CASES: readonly Case[] = [
  { says: 'a new token lives as registered', replaced: true, endMs: SENT_MS + REGISTERED_MS },
  { says: 'a new token lives as stated', replaced: true, statedSeconds: 10, endMs: SENT_MS + 10_000 },
  {
    says: 'a new token of an unknown life has no known end',
    replaced: true,
    registeredMs: 'none',
    endMs: undefined,
  },
  { says: 'a kept token keeps its end', replaced: false, endMs: KNOWN_MS },
  { says: 'a kept token ends as stated', replaced: false, statedSeconds: 10, endMs: SENT_MS + 10_000 },

  { says: 'a kept token slides', lifetime: 'sliding', replaced: false, endMs: SENT_MS + REGISTERED_MS },
  { says: 'a new token slides', lifetime: 'sliding', replaced: true, endMs: SENT_MS + REGISTERED_MS },
  {
    says: 'a token slides as stated',
    lifetime: 'sliding',
    replaced: false,
    statedSeconds: 10,
    endMs: SENT_MS + 10_000,
  },
  {
    says: 'a token of an unknown life keeps its end',
    lifetime: 'sliding',
    registeredMs: 'none',
    replaced: false,
    endMs: KNOWN_MS,
  },

  {
    says: 'a new token does not move an absolute end',
    lifetime: 'absolute',
    replaced: true,
    endMs: KNOWN_MS,
  },
  {
    says: 'a kept token does not move an absolute end',
    lifetime: 'absolute',
    replaced: false,
    endMs: KNOWN_MS,
  },
  {
    says: 'a later statement does not move an absolute end',
    lifetime: 'absolute',
    replaced: true,
    statedSeconds: 501,
    endMs: KNOWN_MS,
  },
  {
    says: 'an earlier statement does',
    lifetime: 'absolute',
    replaced: true,
    statedSeconds: 499,
    endMs: KNOWN_MS - 1000,
  },
  {
    says: 'the first statement corrects the guess of the registration',
    lifetime: 'absolute',
    pair: { sealedAccess: undefined },
    replaced: true,
    statedSeconds: 900,
    endMs: SENT_MS + 900_000,
  },
  {
    says: 'without one the guess stays',
    lifetime: 'absolute',
    pair: { sealedAccess: undefined },
    replaced: true,
    endMs: KNOWN_MS,
  },
  {
    says: 'an absolute end that nobody knew begins now',
    lifetime: 'absolute',
    pair: { refreshTokenExpiresAtMs: undefined },
    replaced: true,
    endMs: SENT_MS + REGISTERED_MS,
  },

  {
    says: 'a login with a token begins anew',
    lifetime: 'absolute',
    pair: { sealedRefresh: undefined },
    replaced: true,
    endMs: SENT_MS + REGISTERED_MS,
  },
  {
    says: 'a login without one has no end',
    pair: { sealedRefresh: undefined },
    replaced: false,
    statedSeconds: 10,
    endMs: undefined,
  },
];

describe('the end of a refresh token', () => {
  for (const {
    says,
    lifetime,
    pair,
    registeredMs = REGISTERED_MS,
    replaced,
    statedSeconds,
    endMs,
  } of CASES) {
    it(says, () => {
      const before = {
        pair: { ...PAIR, ...pair },
        refreshTokenMs: registeredMs === 'none' ? undefined : registeredMs,
        refreshTokenLifetime: lifetime,
      };
      const answer = {
        refreshToken: replaced ? NEW : undefined,
        refreshTokenExpiresInSeconds: statedSeconds,
      };
      assert.equal(refreshTokenLife(before, answer, SENT_MS).refreshTokenExpiresAtMs, endMs);
    });
  }
});

describe('since when a refresh token lives', () => {
  const life = (
    pair: Partial<SealedPair>,
    lifetime: RefreshTokenLifetime | undefined,
    statedSeconds?: number,
  ) =>
    refreshTokenLife(
      { pair: { ...PAIR, ...pair }, refreshTokenMs: REGISTERED_MS, refreshTokenLifetime: lifetime },
      { refreshToken: NEW, refreshTokenExpiresInSeconds: statedSeconds },
      SENT_MS,
    ).refreshTokenSinceMs;

  it('is not said of one that begins anew with its pair', () => {
    assert.equal(life({ refreshTokenSinceMs: 5 }, undefined), undefined);
    assert.equal(life({ refreshTokenSinceMs: 5 }, 'sliding'), undefined);
  });

  it('is not said of one that begins anew seconds after the one before', () => {
    // A token of seconds: each refresh moves the end by all of the time since the refresh before.
    for (const secondsApart of [2, 6, 12]) {
      const pair = {
        issuedAtMs: SENT_MS - secondsApart * 1000,
        refreshTokenExpiresAtMs: SENT_MS - secondsApart * 1000 + REGISTERED_MS,
      };
      assert.equal(life(pair, undefined), undefined, `${secondsApart} s apart`);
    }
  });

  it('stays when the end stays', () => {
    assert.equal(life({}, 'absolute'), 0);
    assert.equal(life({ refreshTokenSinceMs: 5 }, 'absolute'), 5);
  });

  it('is not said of a new token that was given a shorter life than the one before', () => {
    // Lives change: nothing shows that a refresh does not move this end.
    assert.equal(life({ refreshTokenSinceMs: 5 }, undefined, 100), undefined);
    assert.equal(life({}, undefined, 100), undefined);
  });

  it('stays when the provider counts down to the same end, give or take seconds', () => {
    for (const offMs of [-1000, 0, 1000, 10_000]) {
      const stated = (KNOWN_MS + offMs - SENT_MS) / 1000;
      assert.equal(life({ refreshTokenSinceMs: 5 }, undefined, stated), 5, `${offMs}`);
    }
    assert.equal(
      life({ refreshTokenSinceMs: 5 }, undefined, (KNOWN_MS + 11_000 - SENT_MS) / 1000),
      undefined,
    );
  });
});
