import { buildCdk } from './build-cdk.ts';
import { buildCli } from './build-cli.ts';
import { buildClient } from './build-client.ts';
import { DIST } from './project.ts';

const PACKAGES = { client: buildClient, cdk: buildCdk, cli: buildCli };
type PackageName = keyof typeof PACKAGES;

/** `npm run build [-- client|cdk|cli …]`: writes the packages into dist. Exit codes: 0 done, 1 failed, 2 wrong usage. */
const asked = process.argv.slice(2);
if (asked.includes('--help') || asked.includes('-h')) {
  process.stdout.write(
    `npm run build [-- ${Object.keys(PACKAGES).join('|')} …]: writes the packages into dist\n`,
  );
  process.exit(0);
}
const unknown = asked.find((name) => !(name in PACKAGES));
if (unknown !== undefined) {
  process.stderr.write(`build: expected names of ${Object.keys(PACKAGES).join(', ')}; without any, all.\n`);
  process.exit(2);
}
const names = asked.length > 0 ? (asked as PackageName[]) : (Object.keys(PACKAGES) as PackageName[]);
for (const name of names) {
  await PACKAGES[name](`${DIST}/${name}`);
  process.stdout.write(`dist/${name}\n`);
}
