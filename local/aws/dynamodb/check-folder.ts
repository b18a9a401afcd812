import { existsSync } from 'node:fs';
import { ClassicLevel } from 'classic-level';

/** The folder of the tables is damaged: dynalite would throw into the process at its first use. */
export class TablesCorruptError extends Error {
  readonly code = 'tables-corrupt';
  override readonly name = 'TablesCorruptError';
}

/** Opens and closes the tables of an earlier run. Rejects with {@link TablesCorruptError}. */
export async function checkTables(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const level = new ClassicLevel(path, { createIfMissing: false });
  try {
    await level.open();
  } catch {
    throw new TablesCorruptError(
      `--data: the tables in ${path} are damaged: restore that folder from a copy, or choose another --data.`,
    );
  }
  await level.close();
}
