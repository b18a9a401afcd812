import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { buildCdk } from './build-cdk.ts';
import { buildCli } from './build-cli.ts';
import { buildClient } from './build-client.ts';
import { DIST, projectManifest, ROOT } from './project.ts';
import { hindrances, type ReleaseState, releaseNotes } from './release-checks.ts';

/**
 * `npm run release`: checks version, changelog and tag, then writes the three tarballs, the wheel, their sums and the
 * notes into dist/release. `--dry-run` tells what hinders a release and packs all the same. Exit codes: 0 done, 1 not
 * ready, 2 wrong usage.
 */
const USAGE = `npm run release: checks version, changelog and tag, and packs a release into dist/release
npm run release -- --dry-run: tells what hinders a release, and packs all the same
`;
const args = process.argv.slice(2);
const unknown = args.filter((each) => each !== '--dry-run');
if (unknown.length > 0) {
  const isHelp = unknown.every((each) => each === '--help' || each === '-h');
  process[isHelp ? 'stdout' : 'stderr'].write(USAGE);
  process.exit(isHelp ? 0 : 2);
}
const { version } = projectManifest();
const changelog = readFileSync(`${ROOT}/CHANGELOG.md`, 'utf8');

const found = hindrances(version, readState());
for (const sentence of found) process.stderr.write(`${sentence}\n`);
if (found.length > 0 && !args.includes('--dry-run')) process.exit(1);

const target = `${DIST}/release`;
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const files: string[] = [];
for (const [name, build] of Object.entries({ client: buildClient, cdk: buildCdk, cli: buildCli })) {
  await build(`${DIST}/${name}`);
  files.push(output('npm', 'pack', `${DIST}/${name}`, '--silent', '--pack-destination', target));
}
files.push(output('python3', `${ROOT}/client/python/build_wheel.py`, target));
const sums = files.map((file) => `${sha256(`${target}/${file}`)}  ${file}\n`);
writeFileSync(`${target}/SHA256SUMS`, sums.join(''));
writeFileSync(`${target}/NOTES.md`, releaseNotes(version, changelog));
process.stdout.write(sums.join(''));

function readState(): ReleaseState {
  const lock = JSON.parse(readFileSync(`${ROOT}/package-lock.json`, 'utf8')) as { version?: string };
  return {
    versions: {
      'package-lock.json': lock.version,
      'shared/config/version.ts': versionIn('shared/config/version.ts'),
      'client/python/renova_client/version.py': versionIn('client/python/renova_client/version.py'),
    },
    changelog,
    tags: output('git', 'tag', '--points-at', 'HEAD').split('\n'),
    changedFiles: output('git', 'status', '--porcelain').split('\n').filter(Boolean),
  };
}

/** The first text between quotes that looks like a version. */
function versionIn(path: string): string | undefined {
  return /['"](\d+\.\d+\.\d+[^'"]*)['"]/.exec(readFileSync(`${ROOT}/${path}`, 'utf8'))?.[1];
}

function output(command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8' }).trim();
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
