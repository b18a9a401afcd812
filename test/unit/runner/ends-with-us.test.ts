import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { TEST_FOLDER } from '../../runner/jobs.ts';

it('a run that a signal ends removes its folder after the last test has written into it, and says nothing', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'renova-ends-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const [folder, job] = [join(parent, 'folder'), join(parent, 'job.cjs')];
  const write = (where: string) =>
    `require('node:fs').mkdirSync(${JSON.stringify(folder)} + '/' + ${where}, { recursive: true });`;
  writeFileSync(
    job,
    `process.once('SIGTERM', () => { for (let at = 0; at < 500; at += 1) ${write('at')} process.exit(); });
    setInterval(() => undefined, 1000);
    ${write("'begun'")}`,
  );
  const moduleOf = (name: string) => JSON.stringify(new URL(`../../runner/${name}.ts`, import.meta.url).href);
  const files = [relative(TEST_FOLDER, job)];
  const runner = `
    import { watch } from 'node:fs/promises';
    import { endsAtSignals, removedWithUs } from ${moduleOf('ends-with-us')};
    import { runJob } from ${moduleOf('run-job')};
    removedWithUs(${JSON.stringify(folder)});
    endsAtSignals();
    const begun = watch(${JSON.stringify(parent)});
    void runJob({ tier: {}, files: ${JSON.stringify(files)} }, ${JSON.stringify(join(parent, 'counts'))}, false);
    for await (const { filename } of begun) if (filename === 'folder') process.kill(process.pid, 'SIGTERM');`;

  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', runner], {
    encoding: 'utf8',
  });

  assert.deepEqual([status, stderr, existsSync(folder)], [1, '', false]);
});
