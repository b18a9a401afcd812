import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FunctionBundle } from '../shared/config/functions.ts';

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * The folder whose `index.mjs` a function runs. An installed package brings it along, as it was tested; in the project
 * it is built from the sources, once a process.
 */
export function functionBundle(scope: Construct, bundle: FunctionBundle): string {
  const prebuilt = pathOf(`./bundles/${bundle}`);
  if (existsSync(prebuilt)) return prebuilt;
  // `cdk list`, and tests of templates: no bundle is looked at.
  if (!Stack.of(scope).bundlingRequired) return pathOf('../functions');
  const known = built.get(bundle) ?? stored(bundleFunction(bundle));
  built.set(bundle, known);
  return known;
}

const built = new Map<FunctionBundle, string>();

/**
 * The text of a function: one ES module, with the SDK of the lock file inside instead of the runtime's. ES modules
 * first: what is not used can be left out of them.
 */
export function bundleFunction(bundle: FunctionBundle): string {
  // Loaded here alone: an installed package has neither esbuild nor sources.
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const { outputFiles } = buildSync({
    entryPoints: [pathOf(`../functions/${bundle}.ts`)],
    absWorkingDir: pathOf('..'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    alias: { '@aws-sdk/credential-provider-node': pathOf('../functions/environment-credentials.ts') },
    // A dependency in CommonJS asks for Node's own modules by `require`.
    banner: {
      js: `import{createRequire}from'node:module';const require=createRequire(import.meta.url);`,
    },
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

/** A folder with this text as `index.mjs`, named by what is in it; written in one step, as others may look for it. */
function stored(text: string): string {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32);
  const folder = pathOf(`../node_modules/.cache/renova/${hash}`);
  if (existsSync(`${folder}/index.mjs`)) return folder;
  mkdirSync(folder, { recursive: true });
  const draft = `${folder}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, `${folder}/index.mjs`);
  return folder;
}
