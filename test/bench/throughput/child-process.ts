import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { killedWithUs } from '../../support/stack-process.ts';

/** Starts a module of this folder as a process of its own, with this argument. It does not outlive ours. */
export function startChild(file: string, argument: object, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const module = fileURLToPath(new URL(file, import.meta.url));
  const child = fork(module, [JSON.stringify(argument)], { env: { PATH: process.env.PATH, ...env } });
  killedWithUs(child);
  return child;
}

/** The first message of a child. Rejects when it ends without one. */
export async function firstMessage<Message>(from: ChildProcess): Promise<Message> {
  const ended = once(from, 'exit').then(([code]) => {
    throw new Error(`A process of the benchmark ended (exit code ${code}).`);
  });
  const [message] = await Promise.race([once(from, 'message'), ended]);
  ended.catch(() => undefined);
  return message as Message;
}
