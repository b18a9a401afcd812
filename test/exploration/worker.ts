import { parentPort, workerData } from 'node:worker_threads';
import { exploreAsFar } from './by-switches.ts';
import { explore } from './explore.ts';
import { MUTANTS } from './mutants.ts';
import type { Task } from './sweep.ts';
import { worldNamed } from './worlds.ts';

// An order is made of errors that somebody expects; where they came from is of no interest.
Error.stackTraceLimit = 0;
const { world, faults, kind, mutant, without, budgetMs, isWide } = workerData as Task;
const kinds = kind && [kind];
const alter = MUTANTS.find(({ name }) => name === mutant)?.alter;
const go = isWide ? exploreAsFar : explore;
parentPort?.postMessage(await go(worldNamed(world), { faults, kinds, alter, budgetMs, ...without }));
