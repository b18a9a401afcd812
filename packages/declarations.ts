import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compile } from './project.ts';

const RELATIVE_IMPORT = /((?:from|import\()\s*['"])(\.{1,2}\/[^'"]+)\.ts(['"])/g;

/**
 * Writes the declarations of a module, and of those that it imports, into `folder`; their imports end in `.js`, which
 * every compiler since TypeScript 4.7 finds. `entry` is relative to the project.
 */
export async function writeDeclarations(config: string, entry: string, folder: string): Promise<void> {
  const all = mkdtempSync(join(tmpdir(), 'renova-types-'));
  try {
    await compile(config, '--emitDeclarationOnly', '--declaration', '--outDir', all);
    for (const path of reachable(all, entry.replace(/\.ts$/, '.d.ts'))) {
      const text = readFileSync(join(all, path), 'utf8').replace(RELATIVE_IMPORT, '$1$2.js$3');
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  } finally {
    rmSync(all, { recursive: true });
  }
}

function reachable(root: string, entry: string): Set<string> {
  const found = new Set<string>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const [, , target] of readFileSync(join(root, path), 'utf8').matchAll(RELATIVE_IMPORT)) {
      open.push(join(dirname(path), `${target}.d.ts`));
    }
  }
  return found;
}
