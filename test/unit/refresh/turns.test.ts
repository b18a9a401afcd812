import assert from 'node:assert/strict';
import { it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { Agenda } from '../../../shared/refresh/agenda.ts';

const NOW_MS = 1_000_000;
const PACE_MS = 6000;

it('a turn at which nothing was asked of the provider goes to the next', () => {
  const due = Array.from({ length: 20 }, (_, n) => ({
    credential: `acme-${n}`,
    dueAtMs: NOW_MS - 1000,
    refreshAtMs: NOW_MS - 1000,
    expiresAtMs: NOW_MS + 150_000 + n,
    quotaKey: 'bs2',
    quotaPaceMs: PACE_MS,
  }));
  const agenda = new Agenda(timing(1), due, []);
  assert.equal(agenda.take(NOW_MS)?.entry?.credential, 'acme-0');
  assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: NOW_MS + PACE_MS });

  agenda.returnTurn('bs2');

  assert.equal(agenda.take(NOW_MS)?.entry?.credential, 'acme-1');
  assert.deepEqual(agenda.take(NOW_MS), { readyAtMs: NOW_MS + PACE_MS });
});
