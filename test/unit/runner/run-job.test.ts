import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { TEST_FOLDER } from '../../runner/jobs.ts';
import { runJob } from '../../runner/run-job.ts';
import { TIERS } from '../../runner/tiers.ts';

const [tier] = TIERS;
assert.ok(tier);

describe('a process of tests', () => {
  const folder = mkdtempSync(join(tmpdir(), 'renova-run-job-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (text: string) => {
    const file = join(folder, 'some.test.js');
    writeFileSync(file, `const { describe, test } = require('node:test');\n${text}`);
    const counts = join(folder, 'counts.json');
    rmSync(counts, { force: true });
    return runJob({ tier, label: 'some', files: [relative(TEST_FOLDER, file)] }, counts, false);
  };

  it('is counted by its tests, with the reasons of what is skipped', async () => {
    const { passed, failed, skipped } = await run(`
      describe('a suite is no test', () => {
        test('one', () => {});
        test('two', (t) => t.test('three', () => {}));
      });
      test('four', { skip: 'no moto' }, () => {});`);
    assert.deepEqual({ passed, failed, skipped }, { passed: 3, failed: 0, skipped: { 'no moto': 1 } });
  });

  it('counts a failing test once, not its suite as well', async () => {
    const { passed, failed, output } = await run(`
      describe('a suite', () => {
        test('one', () => {});
        test('two', () => { throw new Error('broken'); });
      });`);
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 1 });
    assert.match(output, /broken/);
  });

  it('has failed when it ends before its tests do', async () => {
    const { failed, output } = await run(`test('one', () => process.exit(0));`);
    assert.equal(failed, 1);
    assert.match(output, /ended/);
  });

  it('has failed when nobody has caught an error, with its message', async () => {
    const { passed, failed, output } = await run(`
      test('one', async () => {
        void Promise.reject(new Error('never caught'));
        await new Promise((resolve) => setImmediate(resolve));
      });`);
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 1 });
    assert.match(output, /never caught/);
  });

  it('has failed when it cannot be read', async () => {
    const { failed } = await run('this is no program');
    assert.equal(failed, 1);
  });
});
