import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { NEVER_MS, publishPending } from '../../../shared/credential/credential.ts';
import { indexed } from '../../../shared/credential/indexed.ts';
import { refreshAfterMs, scheduledAtMs } from '../../../shared/credential/schedule.ts';
import { AT_MS, anAttempt, aPair, aRecord, published } from '../../support/records.ts';

const attempt = anAttempt(AT_MS);

describe('when a credential needs attention', () => {
  it('is its next refresh', () => {
    assert.equal(aRecord().dueAtMs, AT_MS + 150_000);
    assert.equal(aRecord({ refreshAtMs: AT_MS + 7 }).dueAtMs, AT_MS + 7);
  });

  it('is never for what is removed, nor for what is lapsed when all is published and told', () => {
    assert.equal(aRecord({ state: 'removed', attempt }).dueAtMs, undefined);
    assert.equal(aRecord({ state: 'lapsed' }).dueAtMs, undefined);
  });

  it('is the first warning for what is paused, because its chain lapses all the same', () => {
    assert.equal(aRecord({ state: 'paused' }).dueAtMs, AT_MS + 24 * 3_600_000);
    const endless = aPair({ refreshTokenExpiresAtMs: undefined });
    assert.equal(aRecord({ state: 'paused', pair: endless }).dueAtMs, undefined);
  });

  it('is at once when a pair became current and nobody has published it', () => {
    assert.equal(aRecord({ publication: published(0) }).dueAtMs, aPair().issuedAtMs);
  });

  it('is the end of the lease while somebody acts on it, whatever its state', () => {
    for (const state of ['active', 'paused', 'lapsed'] as const) {
      assert.equal(aRecord({ state, attempt }).dueAtMs, attempt.leaseUntilMs);
    }
  });

  it('is the next try of a publish that failed, if that comes first, and for what is paused too', () => {
    const pending = { publication: published(0, { retryAtMs: AT_MS + 30_000 }) };
    assert.equal(aRecord(pending).dueAtMs, AT_MS + 30_000);
    assert.equal(aRecord({ ...pending, state: 'paused' }).dueAtMs, AT_MS + 30_000);
    assert.equal(aRecord({ ...pending, refreshAtMs: AT_MS + 29_999 }).dueAtMs, AT_MS + 29_999);
  });

  it('is a whole number of milliseconds, never earlier than what is due', () => {
    assert.equal(aRecord({ refreshAtMs: AT_MS + 0.25 }).dueAtMs, AT_MS + 1);
  });

  it('is indexed with what the order of a tick needs', () => {
    const failure = { count: 3, sinceMs: 1, lastAtMs: 2, outcome: 'unknown', reason: 'ECONNRESET' } as const;
    const { deadlineMs, lapsingFromMs, bulkhead, failures, quotaKey } = aRecord({ failure });
    assert.deepEqual(
      { deadlineMs, lapsingFromMs, bulkhead, failures, quotaKey },
      {
        deadlineMs: aPair().expiresAtMs,
        lapsingFromMs: (aPair().refreshTokenExpiresAtMs ?? 0) - 3_600_000,
        bulkhead: 'bs2',
        failures: 3,
        quotaKey: 'bs2',
      },
    );
    assert.equal(aRecord().failures, 0);
  });

  it('is indexed with the lives that the arithmetic of its quota needs, as far as they are known', () => {
    const livesOf = (pair: Parameters<typeof aPair>[0]) => {
      const { accessLifeMs, refreshLifeMs } = aRecord({ pair: aPair(pair) });
      return [accessLifeMs, refreshLifeMs];
    };
    assert.deepEqual(livesOf({}), [300_000, 172_800_000]);
    assert.deepEqual(livesOf({ refreshTokenExpiresAtMs: undefined }), [300_000, undefined]);
    assert.deepEqual(
      livesOf({ refreshTokenSinceMs: AT_MS - 1 }),
      [300_000, undefined],
      'no refresh moves it',
    );
    assert.deepEqual(livesOf({ sealedRefresh: undefined }), [300_000, undefined]);
    assert.deepEqual(livesOf({ sealedAccess: undefined }), [undefined, undefined], 'a seed');
  });

  it('is worked out anew at each save, whatever the last one left', () => {
    const stale = { ...aRecord(), dueAtMs: 1, deadlineMs: 1, failures: 9, quotaKey: 'other' };
    assert.deepEqual(indexed(stale, timing(1)), aRecord());
  });
});

describe('a publish', () => {
  it('is pending while a pair is newer than what is published', () => {
    assert.equal(publishPending(aRecord({ publication: published(0) })), true);
    assert.equal(publishPending(aRecord({ publication: published(1) })), false);
  });

  it('is never pending for a seed, nor for what publishes nothing', () => {
    const seed = aPair({ sealedAccess: undefined });
    assert.equal(publishPending(aRecord({ publication: published(0), pair: seed })), false);
    assert.equal(publishPending(aRecord({ publication: published(0), pair: undefined })), false);
    assert.equal(publishPending(aRecord({ publication: published(0), publish: 'none' })), false);
  });
});

describe('the schedule of a pair', () => {
  it('is half-life for a token that is always fresh', () => {
    assert.equal(scheduledAtMs('fresh', aPair()), AT_MS + 150_000);
  });

  it('is a third of the refresh token on demand or up to a fifth earlier, in whole milliseconds', () => {
    const atMs = Array.from({ length: 200 }, (_, n) =>
      scheduledAtMs(
        'on-demand',
        aPair({ attempt: `attempt-${n}`, refreshTokenExpiresAtMs: AT_MS + 1_000_000 }),
      ),
    );
    const soonestMs = Math.min(...atMs) - AT_MS;
    const latestMs = Math.max(...atMs) - AT_MS;
    assert.ok(soonestMs >= 266_666 && soonestMs < 275_000, `${soonestMs}`);
    assert.ok(latestMs <= 333_333 && latestMs > 325_000, `${latestMs}`);
    assert.ok(atMs.every(Number.isInteger));
  });

  it('comes before half of a refresh token that ends before its access token, in every mode', () => {
    const hourly = { expiresAtMs: AT_MS + 86_400_000, refreshTokenExpiresAtMs: AT_MS + 3_600_000 };
    for (const mode of ['fresh', 'on-demand'] as const) {
      const pair = { ...aPair(hourly), refreshAfterMs: refreshAfterMs({ mode }, aPair(hourly)) };
      assert.ok(scheduledAtMs(mode, pair) <= AT_MS + 1_800_000, mode);
      assert.ok(pair.refreshAfterMs <= scheduledAtMs(mode, pair), 'the promise to readers holds');
    }
  });

  it('does not come ever sooner when a refresh does not move the end of the refresh token', () => {
    const fixed = aPair({ refreshTokenSinceMs: AT_MS - 1, refreshTokenExpiresAtMs: AT_MS + 150_001 });
    assert.equal(refreshAfterMs({ mode: 'fresh' }, fixed), AT_MS + 150_000);
  });

  it('never comes after the end of the refresh token: that the last one did not move it may be chance', () => {
    const fixed = aPair({ refreshTokenSinceMs: AT_MS - 1, refreshTokenExpiresAtMs: AT_MS + 150_000 });
    assert.equal(refreshAfterMs({ mode: 'fresh' }, fixed), AT_MS + 75_000);
  });

  it('comes so long before the end of the access token as the credential says', () => {
    assert.equal(refreshAfterMs({ mode: 'fresh', refreshBeforeMs: 20_000 }, aPair()), AT_MS + 280_000);
    assert.equal(refreshAfterMs({ mode: 'fresh', refreshBeforeMs: 400_000 }, aPair()), AT_MS);
  });

  it('is half-life on demand too where no end of the refresh token is known', () => {
    assert.equal(scheduledAtMs('on-demand', aPair({ refreshTokenExpiresAtMs: undefined })), AT_MS + 150_000);
  });

  it('is never on demand without a refresh token: there is no chain to keep alive', () => {
    const login = aPair({ sealedRefresh: undefined, refreshTokenExpiresAtMs: undefined });
    assert.equal(scheduledAtMs('fresh', login), AT_MS + 150_000);
    const refreshAtMs = scheduledAtMs('on-demand', login);
    assert.equal(refreshAtMs, NEVER_MS);
    assert.equal(aRecord({ mode: 'on-demand', pair: login, refreshAtMs }).dueAtMs, undefined);
  });
});
