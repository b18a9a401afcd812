import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { endsWithUs, removedWithUs } from './ends-with-us.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Inside of node_modules, so that a program finds the packages that it loads. */
const CACHE = join(ROOT, 'node_modules/.cache/renova');

/** What tests start as a process (`test/support/programs.ts`), and what these start as a worker. */
const PROGRAMS = [
  'cli/main.ts',
  'local/main.ts',
  'local/lambda/lambda-worker.ts',
  'functions/refresh.ts',
  'functions/read.ts',
  'functions/admin.ts',
  'test/crash/mortal-refresher.ts',
];

/** Dependencies that load files by names that they compute. */
const LOADED_AS_THEY_ARE = ['dynalite', 'classic-level'];

/**
 * Writes the commands and the local stack as a few files each and resolves with their folder, which goes with
 * this process. They behave as the sources do, and a process reads a thousand files less: half of the CPU time of its
 * start.
 */
export async function buildPrograms(): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const folder = removedWithUs(mkdtempSync(join(CACHE, 'programs-')));
  await build({
    entryPoints: PROGRAMS,
    absWorkingDir: ROOT,
    outbase: ROOT,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    keepNames: true,
    external: LOADED_AS_THEY_ARE,
    // A dependency in CommonJS asks for Node's own modules by `require`.
    banner: { js: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);` },
    plugins: [urlsOfModules(folder)],
    logLevel: 'error',
  });
  await compileStack(join(folder, 'local/main.mjs'));
  return folder;
}

/** A program that a module names by its URL is the one that is built; every other file is that of the sources. */
function urlsOfModules(folder: string): Plugin {
  return {
    name: 'urls-of-modules',
    setup(programs) {
      programs.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!path.startsWith(ROOT) || !text.includes('import.meta.url')) return undefined;
        const built = JSON.stringify(pathToFileURL(join(folder, path.slice(ROOT.length))).href);
        const contents = text
          .replaceAll(/(new URL\((['"`])[^'"`]+)\.ts\2, import\.meta\.url/g, `$1.mjs$2, ${built}`)
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
        return { contents, loader: 'ts' };
      });
    },
  };
}

/**
 * Starts the local stack and stops it, so that what it has compiled lies in `NODE_COMPILE_CACHE`: a process that tests
 * kill writes nothing down. Never rejects: the tests of the stack tell what is wrong with it.
 */
async function compileStack(main: string): Promise<void> {
  const args = ['--no-demo', '--port', '0', '--api-port', '0', '--provider-port', '0'];
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  endsWithUs(child);
  child.on('error', () => undefined);
  stopWhenReady(child);
  await once(child, 'close').catch(() => undefined);
}

function stopWhenReady(child: ChildProcess): void {
  let printed = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    printed += chunk;
    if (/^Try:$/m.test(printed)) child.kill('SIGTERM');
  });
}
