import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { nextStep } from '../../../shared/refresh/step.ts';
import { AT_MS, anAttempt, aPair, aRecord, published } from '../../support/records.ts';

const times = timing(1);
const DUE_MS = AT_MS + 150_000;

describe('what is to be done about a credential', () => {
  it('without a refresh token, and with no login of its own, its chain has ended', () => {
    const record = aRecord({ pair: aPair({ sealedRefresh: undefined, refreshTokenExpiresAtMs: undefined }) });
    assert.equal(nextStep(record, DUE_MS, times).do, 'lapse');
    assert.equal(nextStep({ ...record, grant: 'password' }, DUE_MS, times).do, 'post');
  });

  it('after an answer that nobody could read, the token is posted only when an operator insists', () => {
    const unreadable = { atMs: AT_MS, chain: aRecord().chain, generation: 1, sealedBody: 'sealed' };
    const record = aRecord({ aside: { ...aRecord().aside, unreadable } });
    assert.equal(nextStep(record, DUE_MS, times).do, 'lapse');
    assert.equal(nextStep(record, DUE_MS, times, { ifGeneration: 1, refused: true }).do, 'lapse');
    assert.equal(nextStep(record, DUE_MS, times, { force: true }).do, 'post');
    assert.equal(nextStep({ ...record, grant: 'password' }, DUE_MS, times).do, 'post');
    for (const other of [{ chain: 'another' }, { generation: 0 }]) {
      const before = { ...record, aside: { ...record.aside, unreadable: { ...unreadable, ...other } } };
      assert.equal(nextStep(before, DUE_MS, times).do, 'post');
    }
  });

  it('after a publish that ended without a trace, it is published again: it spent nothing', () => {
    const attempt = anAttempt(AT_MS, 'publish');
    const record = aRecord({ attempt, publication: published(0) });
    assert.equal(nextStep(record, attempt.leaseUntilMs - 1, times).do, 'wait');
    assert.equal(nextStep(record, attempt.leaseUntilMs, times).do, 'publish');
  });

  it('after a refresh that ended without a trace, its result is looked for', () => {
    const attempt = anAttempt(AT_MS, 'refresh');
    assert.equal(nextStep(aRecord({ attempt }), attempt.leaseUntilMs, times).do, 'resolve');
  });
});
