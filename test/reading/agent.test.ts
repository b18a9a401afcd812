import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../support/bundle.ts';
import { COMMANDS_PROGRAM } from '../support/programs.ts';
import { killedWithUs, type StackProcess, startStackProcess } from '../support/stack-process.ts';

const run = promisify(execFile);
const GUIDE = readFileSync(join(ROOT, 'docs/agent.md'), 'utf8');

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const curl =
  has('curl', '--fail-with-body', '--version') && has('jq', '--version')
    ? false
    : 'SKIPPED: curl (7.76 or later) and jq are not installed';
const php = has('php', '--version') ? false : 'SKIPPED: PHP is not installed';

for (const via of ['secrets-manager', 'read-api'] as const) {
  describe(`renova agent --via ${via}, beside a workload`, { timeout: 600_000 }, () => {
    it('gives tokens that the provider takes, through a refresh that kills the one before', async (t) => {
      const stack = await startStackProcess(t, ['--env', 'prd']);
      const { url, file } = await startAgentProcess(t, stack, via);
      const world = { stack, url, file };

      await t.test('to curl', { skip: curl }, async () => {
        const token = await shell(exampleOf('curl -sS --fail-with-body'), world);
        assert.equal(await statusAtProvider(stack, token), 200);
      });
      await t.test('to a shell script that reads the file', { skip: curl }, async () => {
        assert.equal(await shell(exampleOf('printf'), world), '{"status":"ok"}');
      });

      await forceRefresh(stack);

      await t.test('to PHP, which reports a 401', { skip: php }, async () => {
        const script = /^```php\n<\?php\n(.*?)^```/ms.exec(GUIDE)?.[1] ?? '';
        const { stdout } = await run('php', ['-r', localised(script, world)]);
        assert.equal(stdout, '200');
      });
      await t.test(
        'to a shell script that reports a 401 and reads the file again',
        { skip: curl },
        async () => {
          const before = JSON.parse(
            await shell("curl -sS -H 'X-Renova-Agent: 1' http://127.0.0.1:2774/tokens/acme", world),
          );
          await forceRefresh(stack);
          const report = `generation=${before.generation}; ${exampleOf('curl -sS -H')}`;
          const after = JSON.parse(await shell(report, world));
          assert.ok(after.generation > before.generation, `${after.generation} after ${before.generation}`);
          assert.equal(readFileSync(file, 'utf8'), after.access_token);
          assert.equal(await shell(exampleOf('printf'), world), '{"status":"ok"}');
        },
      );
    });
  });
}

interface World {
  readonly stack: StackProcess;
  readonly url: string;
  readonly file: string;
}

/** The example of the guide that begins so. */
function exampleOf(beginning: string): string {
  const examples = [...GUIDE.matchAll(/^```sh\n(.*?)\n```/gms)].map(([, code = '']) => code);
  const found = examples.find((code) => code.startsWith(beginning));
  assert.ok(found, beginning);
  return found;
}

async function shell(script: string, world: World): Promise<string> {
  return (await run('sh', ['-c', localised(script, world)])).stdout.trim();
}

/** The example, with the addresses and the credential of the local stack. */
function localised(code: string, { stack, url, file }: World): string {
  return code
    .replaceAll('https://api.example/charges', `${stack.providerUrl}/resource`)
    .replaceAll('http://127.0.0.1:2774', url)
    .replaceAll('/run/renova/acme', file)
    .replaceAll(/(['/])acme\b/g, '$1demo');
}

async function startAgentProcess(t: TestContext, stack: StackProcess, via: string) {
  const folder = mkdtempSync(join(tmpdir(), 'renova-agent-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'token');
  const { port } = new URL(stack.awsUrl);
  const door = ['--via', via, '--url', stack.apiUrl, '--listen', '127.0.0.1:0', '--file', `demo=${file}`];
  const target = ['--local', '--local-port', port, '--json'];
  const args = [COMMANDS_PROGRAM, 'agent', '--credential', 'demo', ...door, ...target];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  killedWithUs(child);
  t.after(async () => {
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    assert.equal(code, 0, 'ends when it is told to');
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  return { url, file };
}

async function forceRefresh(stack: StackProcess): Promise<void> {
  const { port } = new URL(stack.awsUrl);
  await run(process.execPath, [
    COMMANDS_PROGRAM,
    ...['refresh', 'demo', '--force', '--local', '--local-port', port],
  ]);
}

async function statusAtProvider(stack: StackProcess, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${stack.providerUrl}/resource`, { headers })).status;
}
