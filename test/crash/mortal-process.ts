import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { MORTAL_REFRESHER } from '../support/programs.ts';
import { killedWithUs } from '../support/stack-process.ts';
import type { MortalMessage } from './mortal-refresher.ts';

/** A refresher that will be killed. */
export interface MortalProcess {
  /** Resolves when it can be asked for a refresh. */
  readonly ready: Promise<void>;
  /** Begins a forced refresh, which stands still for a moment at a line if it is asked to. */
  refresh(message: MortalMessage): void;
  /** Resolves when it says this (again), or is done, or is dead. */
  until(line: string): Promise<void>;
  /** `kill -9`; resolves with the last thing it said, once it is gone. */
  kill(): Promise<string>;
}

/** Starts one with this environment. */
export function startMortal(environment: Readonly<Record<string, string>>): MortalProcess {
  const child = spawn(process.execPath, [MORTAL_REFRESHER], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'ipc'],
  });
  killedWithUs(child);
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    const said = (rest + chunk.toString()).split('\n');
    rest = said.pop() ?? '';
    lines.push(...said);
    for (const look of waiting) look();
  });
  const closed = once(child, 'close');
  const until = (line: string, from: number) =>
    Promise.race([
      closed,
      new Promise<void>((resolve) => {
        const look = () => {
          if (!lines.slice(from).some((said) => said === line || said === 'done')) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    ]).then(() => undefined);
  return {
    ready: until('ready', 0),
    refresh: (message) => void child.send(message),
    until: (line) => until(line, 1),
    async kill() {
      child.kill('SIGKILL');
      await closed;
      return lines.at(-1) ?? '';
    },
  };
}
