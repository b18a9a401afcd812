import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../packages/project.ts';

export const run = promisify(execFile);

/** A package as it is handed out: built, packed, and unpacked again. Nothing else of the project is in it. */
export interface PackedPackage {
  readonly name: string;
  readonly tarball: string;
  /** The paths in the tarball, and the bytes of each. */
  readonly files: ReadonlyMap<string, number>;
  readonly manifest: Readonly<Record<string, unknown>>;
  [Symbol.dispose](): void;
}

/** Builds a package into a folder of its own and packs it with npm. */
export async function packed(build: (folder: string) => Promise<void>): Promise<PackedPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'renova-packed-'));
  await build(join(folder, 'package'));
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: join(folder, 'package'),
  });
  // npm 11 prints a list, later ones an object by name.
  const answer = JSON.parse(stdout) as Record<string, PackAnswer>;
  const [pack] = Object.values(answer);
  if (!pack) throw new Error('npm pack has packed nothing');
  return {
    name: pack.name,
    tarball: join(folder, pack.filename),
    files: new Map(pack.files.map(({ path, size }) => [path, size])),
    manifest: JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8')),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

interface PackAnswer {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** A folder of an outside user: what is in its node_modules, and nothing of the project beside it. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'renova-outside-'));

  /** Unpacks a package, as an installer does. */
  install({ name, tarball }: PackedPackage): this {
    const target = join(this.folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1']);
    return this;
  }

  /** Links packages of the project; what these import themselves is found beside them. */
  link(...names: readonly string[]): this {
    for (const name of names) {
      const target = join(this.folder, 'node_modules', name);
      mkdirSync(dirname(target), { recursive: true });
      if (!existsSync(target)) symlinkSync(join(ROOT, 'node_modules', name), target);
    }
    return this;
  }

  /** A process that its test has not ended yet may still write into it. */
  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** The Node of the tests, and the machine's own, which may be older. */
export function nodes(): readonly { readonly path: string; readonly version: string }[] {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  const own = folders.map((folder) => join(folder, 'node')).filter((path) => existsSync(path));
  const all = [process.execPath, ...own].map((path) => ({
    path,
    version: execFileSync(path, ['--version'], { encoding: 'utf8' }).trim(),
  }));
  return [...new Map(all.map((node) => [node.version, node])).values()];
}
