import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** A tool that a test may use where it is installed. */
export interface OptionalTool {
  /** Absent where it is not installed. */
  readonly version?: string;
  /** Why tests that need it are skipped; false where it is installed. In the form of node:test's `skip`. */
  readonly skip: string | false;
}

/** Where Debian, Ubuntu, Alpine and Google put a Chromium. */
const CHROMIUMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser for the console; nothing is downloaded for it. */
export function findChromium(): { readonly path: string; readonly skip: string | false } {
  const path = CHROMIUMS.find((each) => existsSync(each));
  return path ? { path, skip: false } : { path: '', skip: `no Chromium at ${CHROMIUMS.join(', ')}` };
}

/** cfn-lint, which takes seconds to load: it is looked for, and not run. */
export function findCfnLint(): OptionalTool {
  const isThere = spawnSync('sh', ['-c', 'command -v cfn-lint']).status === 0;
  return isThere ? { skip: false } : skipped('cfn-lint is not installed');
}

const MODULES = ['moto', 'moto.server'] as const;

/**
 * moto (Python): an AWS emulator written by others, so that ours is not only tested against itself. Where it cannot be
 * used, `skip` says whether Python, moto, or the server of moto (flask) is missing, or took too long to load.
 */
export function findMoto(): OptionalTool {
  const python = spawnSync('python3', ['-c', IMPORT_ONE_BY_ONE, ...MODULES], {
    encoding: 'utf8',
    timeout: LOAD_WITHIN_MS,
  });
  const { code } = (python.error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ENOENT') return skipped('python3 is not installed');
  if (code === 'ETIMEDOUT') return skipped(`python3 did not load moto within ${LOAD_WITHIN_MS / 1000} s`);
  if (python.status === 0) return { version: python.stdout.trim(), skip: false };
  const [missing] = python.stdout.trim().split('\n');
  return skipped(missing || `python3 ended with ${python.status ?? python.signal}`);
}

const LOAD_WITHIN_MS = 120_000;

/** Prints moto's version, or which import failed for want of which module. */
const IMPORT_ONE_BY_ONE = `
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(f"python3 ({sys.executable}) has no {name}: {error}; pip install 'moto[server]'")
        sys.exit(1)
print(importlib.import_module("moto").__version__)
`;

function skipped(reason: string): OptionalTool {
  return { skip: `SKIPPED: ${reason}` };
}
