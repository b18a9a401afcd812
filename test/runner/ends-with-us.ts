import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';

const children = new Set<ChildProcess>();
// Before any folder is removed: this listener is the first.
process.on('exit', killAll);

/** Ends a process that leads a group of its own (`detached`) when this one ends, and all that it has started. */
export function endsWithUs(child: ChildProcess): void {
  children.add(child);
  child.once('exit', () => children.delete(child));
}

/** Removes a folder when this process ends, and gives its path. What was killed may have been writing into it. */
export function removedWithUs(folder: string): string {
  const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 20 };
  process.once('exit', () => rmSync(folder, options));
  return folder;
}

function killAll(): void {
  for (const { pid } of children) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended, and nobody has been told yet.
    }
  }
}
