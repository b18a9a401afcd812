import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import type { CredentialRecord, Failure } from '../../../shared/credential/credential.ts';
import { type Inventory, inventory } from '../../../shared/telemetry/inventory.ts';
import { AT_MS, aPair, aRecord } from '../../support/records.ts';

const HOUR_MS = 3_600_000;
const FAILURE: Failure = {
  count: 1,
  sinceMs: AT_MS,
  lastAtMs: AT_MS,
  outcome: 'unknown',
  reason: 'ECONNRESET',
};

const taken = (...records: Partial<CredentialRecord>[]): Inventory =>
  inventory(records.map(aRecord), AT_MS, timing(1));
const endingInHours = (hours: number) => aPair({ refreshTokenExpiresAtMs: AT_MS + hours * HOUR_MS });

describe('an inventory', () => {
  it('counts by state; failing are the active whose last refresh failed; removed are none', () => {
    const { active, paused, lapsed, failing } = taken(
      { state: 'active' },
      { state: 'active', failure: FAILURE },
      { state: 'paused', failure: FAILURE },
      { state: 'lapsed', failure: FAILURE },
      { state: 'removed', failure: FAILURE },
    );
    assert.deepEqual({ active, paused, lapsed, failing }, { active: 2, paused: 1, lapsed: 1, failing: 1 });
  });

  it('of nothing says so, without an end and without quotas', () => {
    const none = { active: 0, paused: 0, lapsed: 0, failing: 0, expired: 0, unpublished: 0 };
    assert.deepEqual(taken(), { ...none, quotas: [] });
  });

  it('counts fresh credentials whose token has expired, and pairs that wait for their lane', () => {
    const ended = aPair({ expiresAtMs: AT_MS - 1 });
    const pending = (sinceMs: number) => ({ lanes: 12, generation: 0, pendingSinceMs: sinceMs });
    const { expired, unpublished } = taken(
      { pair: ended },
      { pair: ended, mode: 'on-demand' },
      { pair: ended, state: 'lapsed' },
      { publication: pending(AT_MS - 120_001) },
      { publication: pending(AT_MS - 119_000) },
    );
    assert.deepEqual([expired, unpublished], [1, 1]);
  });

  it('finds the least that is left of a chain by the life of that chain', () => {
    const left = (lifeHours: number, leftHours: number) => {
      const refreshTokenExpiresAtMs = AT_MS + leftHours * 3_600_000;
      return {
        pair: aPair({ refreshTokenExpiresAtMs, issuedAtMs: refreshTokenExpiresAtMs - lifeHours * 3_600_000 }),
      };
    };
    assert.equal(taken(left(0.5, 0.4), left(48, 12)).lifeLeftPercent, 25);
    assert.ok(Math.abs((taken(left(0.5, 0.4)).lifeLeftPercent ?? 0) - 80) < 1e-9);
  });

  it('finds the first chain to end among active and paused ones', () => {
    const { hoursToLapse } = taken(
      { pair: endingInHours(40) },
      { state: 'paused', pair: endingInHours(7.5) },
      { state: 'lapsed', pair: endingInHours(2) },
      { state: 'removed', pair: endingInHours(3) },
      { grant: 'password', pair: endingInHours(1) },
      { pair: aPair({ refreshTokenExpiresAtMs: undefined }) },
    );
    assert.equal(hoursToLapse, 7.5);
  });

  it('knows no less than no time left, and no end where none is stated', () => {
    assert.equal(taken({ pair: endingInHours(-1) }).hoursToLapse, 0);
    assert.equal(taken({ pair: aPair({ refreshTokenExpiresAtMs: undefined }) }).hoursToLapse, undefined);
  });

  it('states hours of scale 1 at any scale', () => {
    const record = aRecord({ pair: aPair({ refreshTokenExpiresAtMs: AT_MS + HOUR_MS / 60 }) });
    assert.equal(inventory([record], AT_MS, timing(60)).hoursToLapse, 1);
  });

  it('states the demand of each quota in percent of what it can serve, from active credentials', () => {
    const quota = { key: 'tight', limit: 2, windowMs: 60_000 };
    const { quotas } = taken({}, {}, { state: 'paused' }, { quota }, { quota: undefined });
    assert.deepEqual(
      quotas.map((found) => [found.quota.key, found.quota.limit]),
      [
        ['bs2', 10],
        ['tight', 2],
      ],
    );
    // 60 s ÷ 300 s for each token; a permit is held for 68 s of 60.
    const [bs2, tight] = quotas.map(({ demandedPercent }) => demandedPercent);
    assert.ok(Math.abs((bs2 ?? 0) - (100 * 2 * 0.2) / ((10 * 60) / 68)) < 1e-9, String(bs2));
    assert.ok(Math.abs((tight ?? 0) - (100 * 0.2) / ((2 * 60) / 68)) < 1e-9, String(tight));
  });

  it('counts what the schedule needs of a quota: fresh tokens, and keep-alives that come early', () => {
    const lives = { defaultAccessTokenMs: 60_000, refreshTokenMs: 9 * HOUR_MS, pair: undefined };
    const [{ planned } = assert.fail()] = taken(
      {},
      { mode: 'on-demand', ...lives },
      { state: 'paused', ...lives },
    ).quotas;
    assert.equal(planned.requests.toFixed(6), (0.2 + 60_000 / (0.9 * 3 * HOUR_MS)).toFixed(6));
    assert.equal(planned.shortestLifeMs, 300_000);
    const [onDemand] = taken({ mode: 'on-demand', ...lives }).quotas;
    assert.equal(onDemand?.planned.shortestLifeMs, Number.POSITIVE_INFINITY);
  });

  it('keeps a quota in sight whose credentials are all paused', () => {
    assert.deepEqual(
      taken({ state: 'paused' }).quotas.map(({ demandedPercent }) => demandedPercent),
      [0],
    );
  });
});
