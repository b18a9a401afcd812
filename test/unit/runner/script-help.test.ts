import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
  scripts: Readonly<Record<string, string>>;
};

/** The scripts that take words of their own after `--`: programs of this repository. */
const programs = Object.entries(scripts).filter(([, line]) => /^node [a-z/-]+\.ts( --more)?$/.test(line));

test('the scripts that take options are found by this test', () => {
  const names = programs.map(([name]) => name);
  for (const name of [
    'start',
    'renova',
    'test',
    'prove',
    'simulate',
    'explore',
    'bench',
    'build',
    'release',
  ]) {
    assert.ok(names.includes(name), name);
  }
});

for (const [name, line] of programs) {
  test(`npm run ${name} -- --help says how it is used, and does nothing`, () => {
    const [, ...words] = line.split(' ');
    const { status, stdout, stderr } = spawnSync(process.execPath, [...words, '--help'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^(Usage: |npm )/);
  });
}
