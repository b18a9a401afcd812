import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const ARGS = ['--no-demo', '--port', '0', '--api-port', '0', '--provider-port', '0'];

/**
 * Starts the local stack and stops it, so that what it has compiled lies in `NODE_COMPILE_CACHE`: a process that tests
 * kill writes nothing down, and compiling takes a third of the CPU time of its start. Never rejects: the tests of the
 * stack tell what is wrong with it.
 */
export async function compileStack(): Promise<void> {
  const child = spawn(process.execPath, [MAIN, ...ARGS], { stdio: ['ignore', 'pipe', 'ignore'] });
  const stop = () => void child.kill();
  process.once('exit', stop);
  child.on('error', () => undefined);
  stopWhenReady(child);
  await once(child, 'close').catch(() => undefined);
  process.off('exit', stop);
}

function stopWhenReady(child: ChildProcess): void {
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk;
    if (/^Try:$/m.test(printed)) child.kill('SIGTERM');
  });
}
