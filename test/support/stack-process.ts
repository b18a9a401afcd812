import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { STACK_PROGRAM } from './programs.ts';

/** The local stack (or a part of it) as a process of its own, on ports that nobody else has. */
export interface StackProcess {
  /** Addresses (`http://127.0.0.1:…`) once {@link StackProcess.ready}; asking for a part that does not run throws. */
  readonly awsUrl: string;
  readonly apiUrl: string;
  readonly providerUrl: string;
  /** Resolves when the stack says that it is ready; rejects with what it printed when it ends before. */
  ready(): Promise<void>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks it to stop (SIGTERM); resolves with its exit code. */
  stop(): Promise<number | null>;
}

const FREE_PORTS = ['--port', '0', '--api-port', '0', '--provider-port', '0'];

/** Starts `npm start -- <args>`, or another `main`, and resolves when it is ready. It does not outlive the test. */
export async function startStackProcess(
  t: Pick<TestContext, 'after'>,
  args: readonly string[],
  main = STACK_PROGRAM,
): Promise<StackProcess> {
  const stack = spawnStackProcess(t, args, main);
  await stack.ready();
  return stack;
}

/** As {@link startStackProcess}, for a test that does not wait until it is ready. */
export function spawnStackProcess(
  t: Pick<TestContext, 'after'>,
  args: readonly string[],
  main = STACK_PROGRAM,
): StackProcess {
  const child = spawn(process.execPath, [main, ...FREE_PORTS, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  killedWithUs(child);
  const exited = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  let printed = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
      if (/^Try:$/m.test(printed)) resolve();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
    void exited.then((code) => reject(new Error(`The stack ended (exit code ${code}):\n${printed}`)));
  });
  // Whoever does not ask for it is not interested.
  ready.catch(() => undefined);

  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  t.after(() => end('SIGKILL'));
  const address = (what: string): string => {
    const url = new RegExp(`^ +${what} +(http://\\S+)$`, 'm').exec(printed)?.[1];
    if (url === undefined) throw new Error(`${what}: the stack runs none, or is not ready`);
    return url;
  };
  return {
    get awsUrl() {
      return address('AWS endpoint');
    },
    get apiUrl() {
      return address('read API');
    },
    get providerUrl() {
      return address('provider sandbox');
    },
    ready: () => ready,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

const running = new Set<ChildProcess>();

/** Hooks do not run when the test process itself is told to end; its children must end all the same. */
export function killedWithUs(child: ChildProcess): void {
  if (running.size === 0) listenForOurEnd();
  running.add(child);
  child.once('close', () => running.delete(child));
}

let listening = false;

function listenForOurEnd(): void {
  if (listening) return;
  listening = true;
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}
