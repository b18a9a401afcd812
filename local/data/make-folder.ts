import { mkdirSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The folder of `--data` cannot be made, or nothing can be written into it. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
  readonly code = 'data-folder';

  constructor(folder: string, cause: unknown) {
    const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    super(`--data ${folder} cannot be written to${reason}: choose another folder with --data`, { cause });
  }
}

/**
 * Makes `folder` and those above it, owner-only, as far as they are absent. Throws {@link DataFolderError} also when
 * it is there and nothing can be written into it: to the database below, that would be a defect.
 */
export function makeFolder(folder: string): void {
  try {
    makeWithParents(resolve(folder));
    rmdirSync(mkdtempSync(join(folder, '.writable-')));
  } catch (error) {
    throw new DataFolderError(folder, error);
  }
}

/** One by one: Node's own recursion never ends below a folder that takes none and says that it is not there (/proc). */
function makeWithParents(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(folder);
  if (parent !== folder) makeWithParents(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // The sandbox may be making the same one.
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
