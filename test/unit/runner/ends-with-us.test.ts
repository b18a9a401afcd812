import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { TEST_FOLDER } from '../../runner/jobs.ts';

it('a run that ends too early leaves no process of its tests, and removes the folder that they write into', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'renova-ends-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const [folder, job] = [join(parent, 'folder'), join(parent, 'job.cjs')];
  // Makes the folder again where it is gone, and does not listen; for ten seconds.
  const writer = `
    process.on('SIGTERM', () => undefined);
    const again = () => require('node:fs').mkdirSync(${JSON.stringify(folder)}, { recursive: true });
    setInterval(again, 1);
    setTimeout(process.exit, 10_000);`;
  writeFileSync(
    job,
    `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(writer)}]);`,
  );
  const moduleOf = (name: string) => JSON.stringify(new URL(`../../runner/${name}.ts`, import.meta.url).href);
  const given = { tier: {}, files: [relative(TEST_FOLDER, job)] };
  const runner = `
    import { watch } from 'node:fs/promises';
    import { removedWithUs } from ${moduleOf('ends-with-us')};
    import { runJob } from ${moduleOf('run-job')};
    removedWithUs(${JSON.stringify(folder)});
    const written = watch(${JSON.stringify(parent)});
    void runJob(${JSON.stringify(given)}, ${JSON.stringify(join(parent, 'counts'))}, false);
    for await (const { filename } of written) if (filename === 'folder') process.exit(3);`;

  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', runner], {
    encoding: 'utf8',
  });

  assert.deepEqual([status, stderr, existsSync(folder)], [3, '', false]);
});
