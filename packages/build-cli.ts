import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { beginPackage, compile, projectManifest, ROOT } from './project.ts';

/**
 * `renova`: the operator's commands and the local stack, as JavaScript in the folders of the project. Dependencies are
 * those that its modules import, in the versions that were tested.
 */
export async function buildCli(folder: string): Promise<void> {
  const manifest = {
    name: 'renova',
    description: 'Operates Renova, which keeps OAuth 2 tokens alive, and runs it on this machine',
    type: 'module',
    // The local stack needs Node 24, and says so.
    engines: { node: '>=20' },
    bin: { renova: './renova.js', 'renova-local': './renova-local.js' },
    scripts: { start: 'node renova-local.js' },
    exports: { './package.json': './package.json' },
  };
  beginPackage(folder, manifest, 'cli');
  await compile('cli', '--outDir', folder);
  const modules = globSync('*/**/*.js', { cwd: folder });
  for (const path of modules) withJavaScriptUrls(`${folder}/${path}`);
  cpSync(`${ROOT}/cli/console/page`, `${folder}/cli/console/page`, { recursive: true });
  for (const bin of ['renova.js', 'renova-local.js'])
    cpSync(`${ROOT}/packages/cli/${bin}`, `${folder}/${bin}`);
  const dependencies = versions(modules.flatMap((path) => importsOf(`${folder}/${path}`)));
  addToManifest(folder, { dependencies });
}

/** The compiler rewrites imports; modules that are named by a URL it leaves as they are. */
function withJavaScriptUrls(path: string): void {
  const text = readFileSync(path, 'utf8');
  const rewritten = text.replace(/(new URL\((['"`])[^'"`]+)\.ts\2(?=, import\.meta\.url)/g, '$1.js$2');
  if (rewritten !== text) writeFileSync(path, rewritten);
}

/** The packages that a module imports. */
function importsOf(path: string): string[] {
  const imports = readFileSync(path, 'utf8').matchAll(/\b(?:from|import)\s*\(?\s*['"]([^.'"][^'"]*)['"]/g);
  return [...imports]
    .map(([, name = '']) => name)
    .filter((name) => !isBuiltin(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
}

function versions(names: readonly string[]): Record<string, string> {
  const { dependencies, devDependencies } = projectManifest();
  const known: Readonly<Record<string, string>> = { ...devDependencies, ...dependencies };
  return Object.fromEntries(
    [...new Set(names)].sort().map((name) => {
      const version = known[name];
      if (version === undefined) throw new Error(`${name} is imported and stands in no list of dependencies`);
      return [name, version];
    }),
  );
}

function addToManifest(folder: string, more: object): void {
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  writeFileSync(`${folder}/package.json`, `${JSON.stringify({ ...manifest, ...more }, undefined, 2)}\n`);
}
