import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from './data-folder.ts';
import { DataFolderError } from './make-folder.ts';

/**
 * Makes what the stack keeps in `folder` its owner's alone, whoever made it: folders 700, files 600. The folder itself
 * is left as it is when it was there before: it may hold more than ours. What is made from now on by this process is
 * private from the start. Throws `DataFolderError` where another user owns a file.
 */
export function keepPrivate(folder: string): void {
  process.umask(0o077);
  try {
    for (const path of Object.values(dataFolder(folder))) restrict(path);
  } catch (error) {
    throw new DataFolderError(folder, error);
  }
}

function restrict(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  chmodSync(path, stats.isDirectory() ? 0o700 : 0o600);
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path)) restrict(join(path, name));
}
