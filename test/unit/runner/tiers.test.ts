import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { jobsOf, TEST_FOLDER } from '../../runner/jobs.ts';
import { TIERS } from '../../runner/tiers.ts';

const all = jobsOf(TIERS, { more: false });
const more = jobsOf(TIERS, { more: true });

describe('npm test', () => {
  it('runs every test file once', () => {
    const files = all.flatMap((job) => job.files);
    assert.deepEqual(files.toSorted(), globSync('**/*.test.ts', { cwd: TEST_FOLDER }).sort());
  });

  it('lets no file share a process that hooks into the tests of others, or begins among them', () => {
    for (const file of all
      .filter(({ tier }) => tier.sharedProcesses !== undefined)
      .flatMap((job) => job.files)) {
      const text = readFileSync(join(TEST_FOLDER, file), 'utf8');
      assert.doesNotMatch(text, /^(beforeEach|afterEach)\(/m, `${file}: a hook outside of a describe`);
      assert.doesNotMatch(text, /^(const .* = )?await /m, `${file}: awaits at its top level`);
    }
  });
});

/** It asks for an amount, or whether it is proving. */
const GROWS = /\b(?:amount\(|takesLong\b)|\bproving\b[^;]*amount\.ts/;

describe('npm run prove', () => {
  it('runs exactly the files whose amounts grow', () => {
    const grows = all
      .flatMap((job) => job.files)
      .filter((file) => GROWS.test(readFileSync(join(TEST_FOLDER, file), 'utf8')))
      .filter((file) => !file.startsWith('unit/runner/'));
    assert.deepEqual(more.flatMap((job) => job.files).toSorted(), grows.toSorted());
  });
});
