import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Where `npm test` has built the programs, because those start in half of the time (`test/runner/build-programs.ts`). */
const BUILT = process.env.RENOVA_TEST_PROGRAMS;

/** `npm start`, to be run by Node: built by `npm test`, otherwise the sources. */
export const STACK_PROGRAM = program('local/main');
/** `npx renova`, likewise. */
export const COMMANDS_PROGRAM = program('cli/main');
/** A container of the refresh function that will be killed, likewise. */
export const MORTAL_REFRESHER = program('test/crash/mortal-refresher');

function program(name: string): string {
  return BUILT === undefined ? join(ROOT, `${name}.ts`) : join(BUILT, `${name}.mjs`);
}
