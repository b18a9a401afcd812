import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { type EndedStack, runStack, startStack } from './running-stack.ts';
import { Shop } from './shop.ts';

const PORTS = ['--port', '--api-port', '--provider-port'];

describe('a stack that cannot start', { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'renova-start-'));
  const sound = join(folder, 'sound');
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(async () => {
    const cleanUp: (() => unknown)[] = [];
    const t = { after: (done: () => unknown) => cleanUp.push(done) } as unknown as Pick<TestContext, 'after'>;
    const stack = await startStack(t, { args: ['--data', sound] });
    await new Shop(t, 'acme', stack).register();
    await stack.stop();
    for (const done of cleanUp) await done();
  });

  for (const option of PORTS) {
    test(`because ${option} is in use says so, and leaves nothing running`, async (t) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      t.after(() => taken.close());
      const { port } = taken.address() as { port: number };
      const free = PORTS.filter((other) => other !== option).flatMap((other) => [other, '0']);
      const ended = await runStack(t, [option, String(port), ...free]);
      assertOneSentence(
        ended,
        `${option} ${port} is in use: stop the other process or choose another with ${option}`,
      );
    });
  }

  for (const journal of ['secrets.jsonl', 'provider.jsonl']) {
    test(`because a line of ${journal} is damaged names file and line, and changes neither`, async (t) => {
      const data = copyOf(journal);
      const path = join(data, journal);
      const lines = readFileSync(path, 'utf8').split('\n');
      const damaged = lines.with(1, `${lines[1]?.slice(0, -10)}@@@`).join('\n');
      writeFileSync(path, damaged);
      const ended = await runStack(t, freePorts(data));
      assertOneSentence(
        ended,
        `${path}: line 2 is not valid JSON. Repair or delete that line, restore the file from a copy, or move the file away to start empty.`,
      );
      assert.equal(readFileSync(path, 'utf8'), damaged);
    });
  }

  test('because the DynamoDB folder is damaged says which folder, without a stack trace', async (t) => {
    const data = copyOf('dynamodb');
    const tables = join(data, 'dynamodb');
    for (const file of readdirSync(tables)) writeFileSync(join(tables, file), 'damaged');
    const ended = await runStack(t, freePorts(data));
    assert.deepEqual([ended.exitCode, ended.stdout], [1, '']);
    assert.match(ended.stderr, /^[^\n]+\n$/);
    assert.ok(ended.stderr.includes(tables), ended.stderr);
  });

  test('is the exception: the folder that it was damaged from starts, with what was in it', async (t) => {
    const stack = await startStack(t, { args: ['--data', copyOf('again')] });
    const { stdout } = await new Shop(t, 'acme', stack).person.renova(['list']);
    assert.match(stdout, /^acme +bs2 +active /m);
  });

  function copyOf(name: string): string {
    const data = join(folder, `damaged-${name}`);
    cpSync(sound, data, { recursive: true });
    return data;
  }
});

function freePorts(data: string): string[] {
  return [...PORTS.flatMap((option) => [option, '0']), '--data', data];
}

function assertOneSentence({ exitCode, stdout, stderr }: EndedStack, sentence: string): void {
  assert.deepEqual({ exitCode, stdout, stderr }, { exitCode: 1, stdout: '', stderr: `${sentence}\n` });
}
