import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FUNCTIONS } from '../../../shared/config/functions.ts';
import {
  LEAST_ANSWER_SECONDS,
  MOST_ANSWER_SECONDS,
  timing,
  timingFor,
} from '../../../shared/config/timing.ts';

const IO_FLOOR_MS = 2000;
const CLOCKS_DIFFER_MS = 2000;

describe('the durations', () => {
  it('are those of the design at scale 1', () => {
    const one = timing(1);
    assert.equal(one.tickMs, 60_000);
    assert.equal(one.dayMs, 86_400_000);
    assert.equal(one.quietMs, 67_000);
    assert.equal(one.backoffMaxMs, 900_000);
    assert.equal(one.throttleMaxMs, 86_400_000);
    assert.equal(one.misconfiguredRetryMs, 3_600_000);
    assert.equal(one.leaseMs, 60_000);
  });

  it('leave the provider half a minute to answer at scale 1', () => {
    const { sendByMs, answerByMs } = timing(1);
    assert.ok(answerByMs - sendByMs >= 30_000);
  });

  it('believe in an absence only when no invocation can hold the pair any more', () => {
    const { storeByMs, quietMs } = timing(1);
    assert.ok(storeByMs + quietMs >= FUNCTIONS.refresh.timeoutSeconds * 1000 + CLOCKS_DIFFER_MS);
  });

  it('hold for the slowest provider too: later from the answer on, and never before what it was', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 10_000, noNaN: true }),
        fc.double({ min: LEAST_ANSWER_SECONDS, max: MOST_ANSWER_SECONDS, noNaN: true }),
        (scale, answerSeconds) => {
          const usual = timing(scale);
          const slow = timingFor(usual, { answerSeconds });
          const { sendByMs, answerByMs, storeByMs, publishByMs, leaseMs } = slow;
          assert.ok(sendByMs < answerByMs && answerByMs < storeByMs && storeByMs < publishByMs);
          const laterMs = answerByMs - usual.answerByMs;
          assert.ok(laterMs >= 0);
          assert.ok(Math.abs(leaseMs - usual.leaseMs - laterMs) < 1e-6);
          assert.ok(Math.abs(publishByMs - usual.publishByMs - laterMs) < 1e-6);
        },
      ),
    );
    const slowest = timingFor(timing(1), { answerSeconds: MOST_ANSWER_SECONDS });
    assert.ok(slowest.answerByMs - slowest.sendByMs >= MOST_ANSWER_SECONDS * 1000);
    const halfATickMs = slowest.tickMs / 2 - 2000;
    assert.ok(slowest.publishByMs + halfATickMs <= FUNCTIONS.refresh.timeoutSeconds * 1000, 'has its turn');
    assert.ok(slowest.publishByMs + CLOCKS_DIFFER_MS < FUNCTIONS.admin.timeoutSeconds * 1000);
  });

  it('let the second tick after an attempt that left no trace post again', () => {
    const { storeByMs, quietMs, tickMs, tickBudgetMs } = timing(1);
    assert.ok(storeByMs + quietMs < tickMs + tickBudgetMs);
  });

  it('let the last attempt of a tick end within its invocation', () => {
    const { tickBudgetMs, publishByMs } = timing(1);
    assert.ok(tickBudgetMs + publishByMs <= FUNCTIONS.refresh.timeoutSeconds * 1000);
  });

  it('leave every step of an attempt its time, at every scale, and some for clock skew', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 10_000, noNaN: true }), (scale) => {
        const { sendByMs, answerByMs, storeByMs, publishByMs, leaseMs } = timing(scale);
        const steps = [0, sendByMs, answerByMs, storeByMs, publishByMs, leaseMs];
        assert.deepEqual(
          steps,
          steps.toSorted((a, b) => a - b),
        );
        assert.equal(new Set(steps).size, steps.length);
        assert.ok(leaseMs - publishByMs >= leaseMs / 30);
      }),
    );
  });

  it('are divided by the scale, down to a floor for those that end in real I/O', () => {
    for (const scale of [1, 2, 30, 31, 60, 1440]) {
      const [scaled, one] = [timing(scale), timing(1)];
      for (const name of [
        'tickMs',
        'tickBudgetMs',
        'dayMs',
        'quotaMarginMs',
        'quotaLatencyMs',
        'soonMs',
        'backoffMaxMs',
      ] as const) {
        assert.equal(scaled[name], one[name] / scale, name);
      }
      const { leaseMs, sendByMs, answerByMs } = timing(scale);
      assert.equal(leaseMs, Math.max(one.leaseMs / scale, 4000));
      assert.ok(answerByMs - sendByMs > 2000, 'an answer has 2 s at any scale');
      for (const name of ['quietMs', 'providerQuietMs', 'readWaitMs'] as const) {
        assert.equal(scaled[name], Math.max(one[name] / scale, IO_FLOOR_MS), name);
      }
    }
  });

  it('let a reader out of the function before its time is up', () => {
    assert.ok(timing(1).readWaitMs * 1.5 < FUNCTIONS.read.timeoutSeconds * 1000);
  });
});
