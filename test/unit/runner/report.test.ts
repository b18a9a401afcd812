import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Report } from '../../runner/report.ts';
import type { JobResult } from '../../runner/run-job.ts';

const JOB = {
  tier: { name: 'crash', proves: 'a crash at every call', files: ['crash/*.test.ts'] },
  label: 'crash/table',
  files: ['crash/table.test.ts'],
};
const GOOD: JobResult = {
  passed: 2,
  failed: 0,
  skipped: {},
  diagnostics: [],
  output: 'all of it',
  seconds: 1.23,
};

function told(...results: readonly JobResult[]) {
  const lines: string[] = [];
  const report = new Report(results.length, (line) => void lines.push(line));
  for (const result of results) {
    report.begins(JOB);
    report.ended(JOB, result, { diagnostics: false });
  }
  return { isWell: report.sum(), lines };
}

describe('the report of a test run', () => {
  it('says what is being proven once, how far it is, and nothing that went well prints', () => {
    assert.deepEqual(told(GOOD, GOOD).lines, [
      '\ncrash: a crash at every call',
      '  1/2 ✔ crash/table: 2 passed, 0 failed in 1.2 s',
      '  2/2 ✔ crash/table: 2 passed, 0 failed in 1.2 s',
      '',
      '4 passed, 0 failed',
    ]);
  });

  it('ends with the sum, after the reasons for what was skipped', () => {
    const { lines, isWell } = told(GOOD, { ...GOOD, skipped: { 'moto is not installed': 3 } });
    assert.deepEqual(lines.slice(-2), ['3 × moto is not installed', '4 passed, 0 failed, 3 skipped']);
    assert.equal(isWell, true);
  });

  it('shows the failures of a process and the seed that it named, and all that it printed if it told none', () => {
    const output = '✔ one\n✖ failing tests:\n\n✖ two';
    const { lines, isWell } = told({ ...GOOD, failed: 1, output, diagnostics: ['seed 7'] });
    assert.deepEqual(lines.slice(2, 4), ['      seed 7', '\n✖ failing tests:\n\n✖ two']);
    assert.deepEqual([lines.at(-1), isWell], ['2 passed, 1 failed', false]);
    assert.ok(told({ ...GOOD, failed: 1 }).lines.includes('\nall of it'));
  });
});
