import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { STACK_PROGRAM } from '../support/programs.ts';
import { killedWithUs } from '../support/stack-process.ts';

/** How a stack ended that was not to run for long. */
export interface EndedStack {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm start` as a process of its own, on free ports, whatever it prints kept. */
export interface RunningStack {
  readonly awsUrl: string;
  readonly awsPort: number;
  readonly apiUrl: string;
  readonly providerUrl: string;
  /** Everything it has printed so far, on both streams. */
  printed(): string;
  /** Asks it to stop (SIGTERM); resolves with its exit code when everything is printed. */
  stop(): Promise<number | null>;
}

export interface StackOptions {
  readonly args?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

const FREE_PORTS = ['--port', '0', '--api-port', '0', '--provider-port', '0'];

/** Starts a stack without demo and resolves when it is ready. The process does not outlive the test. */
export async function startStack(
  t: Pick<TestContext, 'after'>,
  { args = [], variables }: StackOptions = {},
): Promise<RunningStack> {
  const { child, exited, out, err } = run(t, [...FREE_PORTS, '--no-demo', ...args], variables);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', () => {
      if (/^Try:$/m.test(out.join(''))) resolve();
    });
    void exited.then((code) => reject(new Error(`The stack ended (exit code ${code}):\n${err.join('')}`)));
  });
  const address = (what: string): string => {
    const url = new RegExp(`^ +${what} +(http://\\S+)$`, 'm').exec(out.join(''))?.[1];
    if (url === undefined) throw new Error(`${what}: not among what the stack printed`);
    return url;
  };
  return {
    awsUrl: address('AWS endpoint'),
    awsPort: Number(new URL(address('AWS endpoint')).port),
    apiUrl: address('read API'),
    providerUrl: address('provider sandbox'),
    printed: () => out.join('') + err.join(''),
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

/** Runs a stack that is expected to end by itself, and resolves with how it did. */
export async function runStack(t: Pick<TestContext, 'after'>, args: readonly string[]): Promise<EndedStack> {
  const { exited, out, err } = run(t, args);
  return { exitCode: await exited, stdout: out.join(''), stderr: err.join('') };
}

function run(
  t: Pick<TestContext, 'after'>,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [STACK_PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...variables },
  });
  killedWithUs(child);
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(String(chunk)));
  child.stderr.on('data', (chunk: Buffer) => err.push(String(chunk)));
  const exited = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { child, exited, out, err };
}
