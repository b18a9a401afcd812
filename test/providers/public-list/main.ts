// node test/providers/public-list/main.ts providers.yaml: how many OAuth 2 entries of a public list of providers
// (Nango's packages/providers/providers.yaml, which is not in this repository) can be registered, and why the others
// cannot. Ends with 1 below the share that is expected.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { countList } from './count.ts';

/** 440 of the 453 entries of 2026-08. */
const EXPECTED_SHARE = 440 / 453;

const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('usage: node test/providers/public-list/main.ts FILE (a providers.yaml)\n');
  process.exit(2);
}
const { all, writable, others } = await countList(parse(readFileSync(file, 'utf8')));
process.stdout.write(`${writable} of ${all} OAuth 2 entries can be registered\n`);
for (const { name, reason } of others) process.stdout.write(`  ${name}: ${reason}\n`);
process.exitCode = writable / all < EXPECTED_SHARE ? 1 : 0;
