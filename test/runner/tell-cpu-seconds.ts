import { writeFileSync } from 'node:fs';
import { cpuSeconds } from './cpu-seconds.ts';

/** To be imported by a process of tests (`--import`): writes the CPU seconds that it took to the file that it is told. */
const file = process.env.RENOVA_TEST_CPU_FILE;
// A process that a test starts is counted by its parent.
delete process.env.RENOVA_TEST_CPU_FILE;
if (file !== undefined) process.once('exit', () => writeFileSync(file, String(cpuSeconds())));
