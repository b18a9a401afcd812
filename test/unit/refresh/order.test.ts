import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import type { DueEntry } from '../../../shared/ledger/ledger.ts';
import { byUrgency, priorityOf } from '../../../shared/refresh/tick/order.ts';
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
    assert.equal(priorityOf(patient, AT_MS, times), 'urgent');
  });

  it('puts a chain that is about to lapse before all, though it fails', () => {
    assert.deepEqual(sorted(failing, healthy, lapsing), ['lapsing', 'healthy', 'failing']);
  });
});

describe('the permit that is held back', () => {
  it('is for a healthy credential whose deadline is near, not for one that fails', () => {
    assert.equal(priorityOf(healthy, AT_MS, times), 'urgent');
    assert.equal(priorityOf(failing, AT_MS, times), 'scheduled');
  });

  it('is for a failing credential too when its chain is about to lapse', () => {
    assert.equal(priorityOf(lapsing, AT_MS - 1, times), 'scheduled');
    assert.equal(priorityOf(lapsing, AT_MS, times), 'urgent');
  });

  it('is lent to a token that has waited for half of the time that it had', () => {
    const hour = 3_600_000;
    const long = { ...healthy, refreshAtMs: AT_MS - hour, deadlineMs: AT_MS + hour };
    assert.equal(priorityOf(long, AT_MS, times), 'scheduled');
    assert.equal(priorityOf(long, AT_MS + 1, times), 'lent');
  });

  it('is lent to a chain on demand that has waited for a fifth of its time', () => {
    const hour = 3_600_000;
    const deadlineMs = AT_MS + 4 * hour;
    const chain = { ...healthy, refreshAtMs: AT_MS - hour, deadlineMs, lapsingFromMs: deadlineMs };
    assert.equal(priorityOf(chain, AT_MS, times), 'scheduled');
    assert.equal(priorityOf(chain, AT_MS + 1, times), 'lent');
  });
});
