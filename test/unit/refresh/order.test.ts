import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import type { DueEntry } from '../../../shared/ledger/ledger.ts';
import { byUrgency, isUrgent } from '../../../shared/refresh/tick/order.ts';
import { AT_MS } from '../../support/records.ts';

const times = timing(1);
/** A fresh credential whose token has expired, with two days of its chain to come. */
const entry: DueEntry = {
  credential: 'acme',
  dueAtMs: AT_MS - 150_000,
  expiresAtMs: AT_MS,
  refreshTokenExpiresAtMs: AT_MS + 48 * 3_600_000,
};
const failing: DueEntry = { ...entry, credential: 'failing', failures: 1, expiresAtMs: AT_MS - 600_000 };

describe('the order of a tick', () => {
  it('puts a healthy credential before one that fails, however long its token has been dead', () => {
    const sorted = [failing, entry].toSorted(byUrgency(AT_MS, times));
    assert.deepEqual(
      sorted.map(({ credential }) => credential),
      ['acme', 'failing'],
    );
  });

  it('puts a chain that is about to lapse before all, though it fails', () => {
    const lapsing = { ...failing, refreshTokenExpiresAtMs: AT_MS + times.lapseUrgentMs - 1 };
    const sorted = [entry, lapsing].toSorted(byUrgency(AT_MS, times));
    assert.deepEqual(
      sorted.map(({ credential }) => credential),
      ['failing', 'acme'],
    );
  });
});

describe('the permit that is held back', () => {
  it('is for a healthy credential whose token is about to expire, not for one that fails', () => {
    assert.equal(isUrgent(entry, AT_MS, times), true);
    assert.equal(isUrgent(failing, AT_MS, times), false);
  });

  it('is for a failing credential too when its chain is about to lapse', () => {
    const lapsesInMs = (ms: number) => ({ ...failing, refreshTokenExpiresAtMs: AT_MS + ms });
    assert.equal(isUrgent(lapsesInMs(times.lapseUrgentMs - 1), AT_MS, times), true);
    assert.equal(isUrgent(lapsesInMs(times.lapseUrgentMs), AT_MS, times), false);
  });
});
