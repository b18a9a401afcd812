import { Worker } from 'node:worker_threads';
import type { Exploration } from './explore.ts';
import type { Fault } from './faults.ts';
import type { Rules } from './world-model.ts';

/** One world to go through, without a fault or with those of one kind. */
export interface Task {
  readonly world: string;
  readonly faults: number;
  /** Absent: without a fault, or with all kinds in the same orders. */
  readonly kind?: Fault | undefined;
  /** The name of a mutant. */
  readonly mutant?: string;
  /** Reductions that are switched off. */
  readonly without?: Pick<Rules, 'forgets' | 'mirrors'>;
  /** CPU time after which it is left. */
  readonly budgetMs: number;
  /** As far as the time goes, by the number of switches. */
  readonly isWide?: true;
}

export interface TaskResult extends Task {
  readonly found: Exploration;
}

const AT_A_TIME = 2;
/** Most of what a run makes is of no use a moment later. */
const LIMITS = { maxYoungGenerationSizeMb: 64, maxOldGenerationSizeMb: 6000 };

/** Goes through worlds, two at a time, each in a thread of its own; `onDone` is told as each of them ends. */
export async function sweep(
  tasks: readonly Task[],
  onDone: (result: TaskResult) => void = () => undefined,
): Promise<TaskResult[]> {
  const waiting = [...tasks];
  const results: TaskResult[] = [];
  const workThrough = async () => {
    for (let task = waiting.shift(); task; task = waiting.shift()) {
      const result = { ...task, found: await run(task) };
      results.push(result);
      onDone(result);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, workThrough));
  return results;
}

function run(task: Task): Promise<Exploration> {
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: LIMITS,
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`${task.world}: the thread ended with ${code}`)));
  });
}
