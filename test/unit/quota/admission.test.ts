import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { admission, roomForFresh } from '../../../shared/quota/demand.ts';
import { bs2Settings } from '../../support/records.ts';

type Change = Parameters<typeof bs2Settings>[0];

const TIMES = timing(1);
const quotaOf = (limit: number, seconds: number) => ({ key: 'shared', limit, windowMs: seconds * 1000 });

/** So many credentials of one quota, with tokens of so many seconds. */
function tokens(quota: ReturnType<typeof quotaOf>, count: number, seconds: number, change: Change = {}) {
  const settings = { quota, defaultAccessTokenMs: seconds * 1000, ...change };
  return Array.from({ length: count }, (_, n) =>
    bs2Settings({ ...settings, credential: `of-${seconds}-${n}` }),
  );
}

const fits = (quota: ReturnType<typeof quotaOf>, ...groups: ReturnType<typeof tokens>[]) =>
  admission(quota, groups.flat(), TIMES).fits;

describe('what a quota can keep fresh', () => {
  it('is as many tokens of one life as take a turn within it', () => {
    const bs2 = quotaOf(10, 60);
    assert.equal(fits(bs2, tokens(bs2, 44, 300)), true);
    assert.equal(fits(bs2, tokens(bs2, 45, 300)), false);
    assert.equal(fits(bs2, tokens(bs2, 61, 420)), true);
    assert.equal(fits(bs2, tokens(bs2, 62, 420)), false);
    const small = quotaOf(1, 60);
    assert.equal(fits(small, tokens(small, 4, 300)), true);
    assert.equal(fits(small, tokens(small, 5, 300)), false);
  });

  it('leaves room for chains on demand, which wait without harm', () => {
    const bs2 = quotaOf(10, 60);
    assert.equal(fits(bs2, tokens(bs2, 44, 300), tokens(bs2, 1, 301, { mode: 'on-demand' })), true);
    assert.equal(fits(bs2, tokens(bs2, 44, 300), tokens(bs2, 100, 301, { mode: 'on-demand' })), false);
  });

  it('goes by the life of refresh tokens that answers state, and not by the one that was registered', () => {
    const bs2 = quotaOf(10, 60);
    const stated = tokens(bs2, 30, 3600).map((one) => ({ ...one, refreshLifeMs: 600_000 }));
    assert.equal(admission(bs2, stated, TIMES).fits, true);
    const sooner = stated.map((one) => ({ ...one, refreshLifeMs: 200_000 }));
    assert.equal(admission(bs2, sooner, TIMES).fits, false);
    const chains = tokens(bs2, 500, 300, { mode: 'on-demand', refreshTokenMs: undefined });
    const kept = chains.map((one) => ({ ...one, refreshLifeMs: 172_800_000 }));
    assert.equal(admission(bs2, chains, TIMES).fits, false, 'nothing is known of their refresh tokens');
    assert.equal(admission(bs2, kept, TIMES).fits, true);
  });

  it('leaves the last permit to a token that ends before permits come round again', () => {
    const small = quotaOf(2, 60);
    const one = tokens(small, 1, 540, { mode: 'on-demand' });
    assert.equal(fits(small, tokens(small, 1, 60)), true);
    assert.equal(fits(small, tokens(small, 1, 60), one), false);
    assert.equal(fits(small, tokens(small, 1, 75), one), false);
    assert.equal(fits(small, tokens(small, 1, 200), one), true);
    const long = quotaOf(10, 90);
    assert.equal(fits(long, tokens(long, 8, 90)), true);
    assert.equal(fits(long, tokens(long, 9, 90)), false);
  });

  it('counts whole rounds where permits that were taken together come free together', () => {
    // A round of 608 s fits four times into 2958 s, and three permits come free in each.
    const long = quotaOf(3, 600);
    assert.equal(fits(long, tokens(long, 12, 2958)), true);
    assert.equal(fits(long, tokens(long, 13, 2958)), false);
  });

  it('counts keep-alives that come up to a fifth early', () => {
    const bs2 = quotaOf(10, 60);
    const { needed } = admission(bs2, tokens(bs2, 900, 300, { mode: 'on-demand' }), TIMES);
    assert.equal(needed.toFixed(4), ((900 * 60 * 3) / (48 * 3600 * 0.9)).toFixed(4));
  });

  it('is less where lives differ and the shortest has few slots', () => {
    const small = quotaOf(1, 60);
    assert.equal(fits(small, tokens(small, 1, 150), tokens(small, 2, 300)), false);
    assert.equal(fits(small, tokens(small, 1, 300), tokens(small, 1, 600)), true);
    assert.equal(fits(small, tokens(small, 1, 125), tokens(small, 1, 150)), false);
  });

  it('is less where lives differ: those that live longer may all come due together', () => {
    const bs2 = quotaOf(10, 60);
    // 30 of 300 s take three quarters, and an hour has 529 slots: 63 of them, counted 2.1 times, take the rest.
    assert.equal(fits(bs2, tokens(bs2, 30, 300), tokens(bs2, 63, 3600)), true);
    assert.equal(fits(bs2, tokens(bs2, 30, 300), tokens(bs2, 64, 3600)), false);
    // Lives that are nearly the same count as the shorter one.
    assert.equal(fits(bs2, tokens(bs2, 20, 300), tokens(bs2, 20, 330)), true);
    assert.equal(fits(bs2, tokens(bs2, 20, 300), tokens(bs2, 23, 330)), false);
  });

  it('is what bursts leave where a life has few windows, or less than one', () => {
    const long = quotaOf(3, 1800);
    assert.equal(fits(long, tokens(long, 3, 2619)), true);
    assert.equal(fits(long, tokens(long, 4, 2619)), false);
    const shorter = quotaOf(5, 1800);
    assert.equal(fits(shorter, tokens(shorter, 1, 900)), true);
    assert.equal(fits(shorter, tokens(shorter, 2, 900)), false);
  });

  it('counts a long window as what the schedule makes of it: parts of a minute', () => {
    const long = quotaOf(100, 600);
    assert.equal(fits(long, tokens(long, 44, 300)), true);
    assert.equal(fits(long, tokens(long, 45, 300)), false);
  });

  it('counts the refresh token that ends first, and the time that is left for a refresh', () => {
    const bs2 = quotaOf(10, 60);
    // Three quarters of 400 s: as a token of 300 s.
    assert.equal(fits(bs2, tokens(bs2, 44, 3600, { refreshTokenMs: 400_000 })), true);
    assert.equal(fits(bs2, tokens(bs2, 45, 3600, { refreshTokenMs: 400_000 })), false);
    // Due 150 s before the end: as a token of 300 s.
    assert.equal(fits(bs2, tokens(bs2, 44, 3600, { refreshBeforeMs: 150_000 })), true);
    assert.equal(fits(bs2, tokens(bs2, 45, 3600, { refreshBeforeMs: 150_000 })), false);
  });

  it('asks nothing for what is paused or has another quota', () => {
    const bs2 = quotaOf(10, 60);
    const paused = tokens(bs2, 44, 300).map((settings) => ({ ...settings, state: 'paused' as const }));
    const others = tokens({ ...bs2, key: 'other' }, 44, 300);
    assert.equal(admission(bs2, [...paused, ...others], TIMES).needed, 0);
  });
});

describe('the room that a quota has', () => {
  const mixes = {
    'one life': (quota: ReturnType<typeof quotaOf>) => tokens(quota, 3, 300),
    'lives that differ': (quota: ReturnType<typeof quotaOf>) => [
      ...tokens(quota, 1, 300),
      ...tokens(quota, 2, 3600),
    ],
    'one that is paused': (quota: ReturnType<typeof quotaOf>) =>
      tokens(quota, 1, 600).map((one) => ({ ...one, state: 'paused' as const })),
    'chains on demand': (quota: ReturnType<typeof quotaOf>) => tokens(quota, 200, 420, { mode: 'on-demand' }),
  };
  it('is said of a quota with more of it than a call takes arguments', () => {
    const day = 86_400;
    const quota = quotaOf(10_000, 60);
    assert.ok(roomForFresh(quota, tokens(quota, 1, day), TIMES) > 90_000);
  });

  for (const [limit, seconds] of [
    [10, 60],
    [1, 60],
    [1, 5],
    [300, 1800],
    [2, 60],
  ] as const) {
    for (const [what, mixOf] of Object.entries(mixes)) {
      it(`is what registration then admits and not one more: ${limit} in ${seconds} s, ${what}`, () => {
        const quota = quotaOf(limit, seconds);
        const mix = mixOf(quota);
        const shortest = Math.min(...mix.map(({ defaultAccessTokenMs }) => defaultAccessTokenMs)) / 1000;
        const room = roomForFresh(quota, mix, TIMES);
        const isFull = !admission(quota, [...mix, ...tokens(quota, 1, shortest)], TIMES).fits;
        assert.equal(room === 0, isFull);
        if (room > 0) assert.equal(fits(quota, mix as never, tokens(quota, room, shortest)), true);
        assert.equal(fits(quota, mix as never, tokens(quota, room + 1, shortest)), false);
      });
    }
  }
});
