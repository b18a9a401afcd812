import { existsSync, readFileSync } from 'node:fs';

const CHILDREN_OF_THIS_PROCESS = '/proc/self/stat';
/** The kernel counts in these, on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU seconds of this process and of its children that have ended, and of theirs. Without Linux, of this process. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6 + secondsOfChildren();
}

function secondsOfChildren(): number {
  if (!existsSync(CHILDREN_OF_THIS_PROCESS)) return 0;
  return secondsOfChildrenIn(readFileSync(CHILDREN_OF_THIS_PROCESS, 'utf8'));
}

/** Of a `/proc/PID/stat` (proc(5)): `cutime` and `cstime`, fields 16 and 17; the second field may hold blanks. */
export function secondsOfChildrenIn(stat: string): number {
  const fromThirdField = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fromThirdField[13]) + Number(fromThirdField[14])) / TICKS_PER_SECOND;
}
