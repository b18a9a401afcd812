import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { fail } from '../../../shared/credential/transitions/attempt.ts';
import { nextStep, type RefreshTrigger } from '../../../shared/refresh/step.ts';
import { AT_MS, aRecord } from '../../support/records.ts';

const REQUEST: RefreshTrigger = { ifGeneration: 1 };

describe('what a reader asks for', () => {
  it('is met at once while refreshes succeed, due or not', () => {
    assert.equal(stepOf(aRecord(), AT_MS, REQUEST), 'post');
    assert.equal(
      stepOf(aRecord({ mode: 'on-demand', refreshAtMs: AT_MS + 57_600_000 }), AT_MS, REQUEST),
      'post',
    );
  });

  it('waits for the end of a back-off as the schedule does, so that readers spend no quota on what fails', () => {
    for (const refreshAtMs of [AT_MS, AT_MS + 57_600_000]) {
      const failure = {
        outcome: 'not-sent',
        reason: 'ECONNREFUSED',
        atMs: AT_MS,
        retryAtMs: AT_MS + 60_000,
      } as const;
      const failing = fail(aRecord({ mode: 'on-demand', refreshAtMs }), failure);
      assert.ok(failing);
      for (const trigger of [REQUEST, { ...REQUEST, refused: true }]) {
        assert.equal(stepOf(failing, AT_MS + 59_999, trigger), 'nothing');
        assert.equal(stepOf(failing, AT_MS + 60_000, trigger), 'post');
      }
      assert.equal(stepOf(failing, AT_MS + 1, { force: true }), 'post', 'an operator need not wait');
    }
  });

  it('is none for another generation', () => {
    assert.equal(stepOf(aRecord(), AT_MS, { ifGeneration: 0 }), 'nothing');
  });

  it('that reports a refused token is met once in a quarter of a life', () => {
    const renewed = aRecord({ reports: { renewedAtMs: AT_MS } });
    const report = { ...REQUEST, refused: true };
    assert.equal(stepOf(renewed, AT_MS + 74_999, report), 'nothing');
    assert.equal(stepOf(renewed, AT_MS + 75_000, report), 'post');
    assert.equal(
      stepOf(renewed, AT_MS + 74_999, REQUEST),
      'post',
      'a token that is lacking is another matter',
    );
  });
});

function stepOf(record: CredentialRecord, nowMs: number, trigger: RefreshTrigger): string {
  return nextStep(record, nowMs, timing(1), trigger).do;
}
