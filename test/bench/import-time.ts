import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BARE_CLIENTS, bundle, READ_FUNCTION } from '../support/bundle.ts';
import { median } from './figures.ts';

export interface ImportFigures {
  readonly what: string;
  readonly bytes: number;
  /** Median of a fresh process each: what Node's own modules cost is not counted, since Lambda's runtime has them. */
  readonly cpuMs: number;
}

const PROCESSES = 21;
/** CPU time, not the clock's: it says the same on a machine that does other things meanwhile. */
const MEASURE = `
import 'node:https'; import 'node:fs/promises'; import 'node:crypto'; import 'node:zlib';
const before = process.cpuUsage();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
`;

/** What importing the read function's bundle costs beside the least that could do its reading. */
export async function importFigures(): Promise<ImportFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'renova-bench-'));
  try {
    const bundles = await Promise.all(
      PARTS.map(async ([what, source, options]) => {
        const { text } = await bundle(source, options);
        const path = join(folder, `${what.replaceAll(/\W/g, '-')}.mjs`);
        writeFileSync(path, text);
        return { what, path, bytes: Buffer.byteLength(text), cpuMs: [] as number[] };
      }),
    );
    for (let round = 0; round < PROCESSES; round += 1) {
      for (const { path, cpuMs } of bundles) cpuMs.push(measure(path));
    }
    return bundles.map(({ what, bytes, cpuMs }) => ({ what, bytes, cpuMs: median(cpuMs) }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const PARTS = [
  ['two bare SDK clients', BARE_CLIENTS, { credentialChain: true }],
  ['two bare SDK clients, credentials from the environment', BARE_CLIENTS, {}],
  ['read function', READ_FUNCTION, {}],
  ['Powertools logger', `export { Logger } from '@aws-lambda-powertools/logger';`, {}],
  ['jose', `export { compactDecrypt, CompactEncrypt } from 'jose';`, {}],
  ['valibot and the messages', `export * from './shared/read/read-messages.ts';`, {}],
  ['middy', `export { default } from '@middy/core';`, {}],
  ['nothing', 'export {};', {}],
] as const;

function measure(path: string): number {
  const args = ['--input-type=module', '-e', MEASURE, path];
  const env = { PATH: process.env.PATH, AWS_REGION: 'us-east-1', POWERTOOLS_DEV: '' };
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${path} could not be imported: ${stderr}`);
  return Number(stdout);
}
