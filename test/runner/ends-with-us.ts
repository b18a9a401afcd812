import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';

const children = new Set<ChildProcess>();
process.on('exit', () => tellToEnd());

/** Tells a process to end when this one does. */
export function endsWithUs(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** Removes a folder when this process ends, and gives its path. */
export function removedWithUs(folder: string): string {
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Ends this process at a signal that asks for it, after its children: until then they may write into what is removed.
 * Gives what is aborted by such a signal.
 */
export function endsAtSignals(): AbortSignal {
  const ending = new AbortController();
  const end = async () => {
    ending.abort();
    const ended = [...children].map((child) => once(child, 'exit'));
    tellToEnd();
    await Promise.all(ended);
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  return ending.signal;
}

function tellToEnd(): void {
  for (const child of children) child.kill();
}
