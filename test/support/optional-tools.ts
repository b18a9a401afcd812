import { spawnSync } from 'node:child_process';

/** A tool that a test may use where it is installed. */
export interface OptionalTool {
  /** Absent where it is not installed. */
  readonly version?: string;
  /** Why tests that need it are skipped; false where it is installed. In the form of node:test's `skip`. */
  readonly skip: string | false;
}

/** moto (Python): an AWS emulator written by others, so that ours is not only tested against itself. */
export function findMoto(): OptionalTool {
  const script = 'import moto, moto.server; print(moto.__version__)';
  const { status, stdout } = spawnSync('python3', ['-c', script], { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) return { skip: 'SKIPPED: python3 with moto[server] is not installed' };
  return { version: stdout.trim(), skip: false };
}
