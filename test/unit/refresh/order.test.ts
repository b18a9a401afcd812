import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import type { DueEntry } from '../../../shared/ledger/ledger.ts';
import { byUrgency, isUrgent } from '../../../shared/refresh/tick/order.ts';
import { AT_MS } from '../../support/records.ts';

const times = timing(1);
/** A healthy credential whose deadline is now, with two days of its chain to come. */
const healthy: DueEntry = {
  credential: 'healthy',
  dueAtMs: AT_MS - 150_000,
  refreshAtMs: AT_MS - 150_000,
  deadlineMs: AT_MS,
  lapsingFromMs: AT_MS + 48 * 3_600_000,
};
const failing: DueEntry = { ...healthy, credential: 'failing', failures: 1, deadlineMs: AT_MS - 600_000 };
/** The same, after five minutes of waiting for its turn. */
const patient: DueEntry = { ...failing, credential: 'patient', refreshAtMs: AT_MS - 300_000 };
const lapsing: DueEntry = { ...failing, credential: 'lapsing', lapsingFromMs: AT_MS };

const sorted = (...entries: readonly DueEntry[]) =>
  entries.toSorted(byUrgency(AT_MS, times)).map(({ credential }) => credential);

describe('the order of a tick', () => {
  it('puts a healthy credential before one that fails, however long its deadline is past', () => {
    assert.deepEqual(sorted(failing, healthy), ['healthy', 'failing']);
  });

  it('lets what fails have its turn when it has waited for five ticks', () => {
    assert.deepEqual(sorted(healthy, patient, failing), ['patient', 'healthy', 'failing']);
    const moments = { ...patient, refreshAtMs: AT_MS - 299_999 };
    assert.deepEqual(sorted(moments, healthy), ['healthy', 'patient']);
    assert.equal(isUrgent(patient, AT_MS, times), true);
  });

  it('puts a chain that is about to lapse before all, though it fails', () => {
    assert.deepEqual(sorted(failing, healthy, lapsing), ['lapsing', 'healthy', 'failing']);
  });
});

describe('the permit that is held back', () => {
  it('is for a healthy credential whose deadline is near, not for one that fails', () => {
    assert.equal(isUrgent(healthy, AT_MS, times), true);
    assert.equal(isUrgent(failing, AT_MS, times), false);
  });

  it('is for a failing credential too when its chain is about to lapse', () => {
    assert.equal(isUrgent(lapsing, AT_MS - 1, times), false);
    assert.equal(isUrgent(lapsing, AT_MS, times), true);
  });
});
