import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
export const DIST = `${ROOT}/dist`;

/** The members of the project's own package.json that packages take over. */
export interface ProjectManifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export function projectManifest(): ProjectManifest {
  return JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
}

/** What differs from package to package. */
export interface PackageManifest {
  readonly name: string;
  readonly description: string;
  readonly [member: string]: unknown;
}

/**
 * Begins a package anew: an empty folder with its package.json, its README (of `packages/<folder>`) and the licence.
 * The version is the project's.
 */
export function beginPackage(folder: string, manifest: PackageManifest, readme: string): void {
  const { version, license } = projectManifest();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { name, description, ...rest } = manifest;
  const whole = { name, version, description, license, ...rest };
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(whole, undefined, 2)}\n`);
  cpSync(`${ROOT}/packages/${readme}/README.md`, `${folder}/README.md`);
  cpSync(`${ROOT}/LICENSE`, `${folder}/LICENSE`);
}

/** Runs the compiler with a configuration of this folder. Rejects with what it reports. */
export async function compile(config: string, ...options: string[]): Promise<void> {
  const tsc = `${ROOT}/node_modules/typescript/bin/tsc`;
  const args = [tsc, '-p', `${ROOT}/packages/${config}`, ...options];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  } catch (error) {
    throw new Error(`tsc -p packages/${config}:\n${(error as { readonly stdout?: string }).stdout}`);
  }
}
