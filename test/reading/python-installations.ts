import { spawnSync } from 'node:child_process';

/** A Python 3.9 or later, and which of the packages it has that the Python client knows of. */
export interface PythonInstallation {
  readonly command: string;
  readonly version: string;
  readonly packages: readonly string[];
}

export type PythonPackage = 'boto3' | 'requests' | 'httpx';

const WHAT_IS_THERE = `
import importlib.util, json, platform, sys
assert sys.version_info >= (3, 9)
names = ["boto3", "requests", "httpx"]
print(json.dumps([platform.python_version(), sys.executable, [n for n in names if importlib.util.find_spec(n)]]))
`;

let found: readonly PythonInstallation[] | undefined;

/** The Pythons of this machine: the one on PATH, and the system's, which may have other packages. */
export function findPythons(): readonly PythonInstallation[] {
  found ??= ['python3', '/usr/bin/python3'].flatMap((command) => {
    const { status, stdout } = spawnSync(command, ['-c', WHAT_IS_THERE], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0) return [];
    const [version, executable, packages] = JSON.parse(stdout) as [string, string, string[]];
    return [{ command: executable, version, packages }];
  });
  return found.filter(({ command }, at, all) => all.findIndex((other) => other.command === command) === at);
}

/** A Python that has these packages, and in the form of node:test's `skip` why there is none. */
export function findPythonWith(...names: readonly PythonPackage[]): {
  readonly command: string;
  readonly skip: string | false;
} {
  const python = findPythons().find(({ packages }) => names.every((name) => packages.includes(name)));
  const wanted = ['python3 (3.9 or later)', ...names].join(' with ');
  return {
    command: python?.command ?? 'python3',
    skip: python ? false : `SKIPPED: no ${wanted} is installed`,
  };
}
