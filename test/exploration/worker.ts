import { parentPort, workerData } from 'node:worker_threads';
import { explore } from './explore.ts';
import type { Task } from './sweep.ts';
import { worldNamed } from './worlds.ts';

// An order is made of errors that somebody expects; where they came from is of no interest.
Error.stackTraceLimit = 0;
const { world, faults, budgetMs } = workerData as Task;
parentPort?.postMessage(await explore(worldNamed(world), { faults, budgetMs }));
