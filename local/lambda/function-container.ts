import type { Readable, Writable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import {
  failurePayload,
  type InvokeMessage,
  type ResultMessage,
  type WorkerSetup,
} from './lambda-messages.ts';

/** Where a function's handler is and with what it runs. */
export interface ContainerOptions {
  readonly setup: WorkerSetup;
  readonly environment: Readonly<Record<string, string>>;
  /** Everything the function prints. */
  readonly output: Writable;
}

export interface InvocationResult {
  /** JSON. */
  readonly payload: string;
  readonly failed: boolean;
}

/**
 * A function's container: a worker thread with its own environment, modules and output, so that several
 * stacks fit into one process and a handler that crashes takes nothing else along.
 */
export class FunctionContainer {
  readonly #options: ContainerOptions;
  readonly #waiting = new Map<string, (result: InvocationResult) => void>();
  #worker: Worker | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  /** Begins the cold start, if it has not begun. */
  warm(): void {
    this.#worker ??= this.#start();
  }

  /** Runs the handler; never rejects. A worker that ends meanwhile is a failed run, and the next starts anew. */
  run(message: InvokeMessage): Promise<InvocationResult> {
    return new Promise((resolve) => {
      this.#waiting.set(message.requestId, resolve);
      this.#worker ??= this.#start();
      this.#worker.postMessage(message);
    });
  }

  /** Nobody waits for this run any more; it goes on by itself. */
  abandon(requestId: string): void {
    this.#waiting.delete(requestId);
  }

  /** Ends the worker with whatever it is doing. */
  async stop(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const { setup, environment, output } = this.#options;
    const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
      workerData: setup,
      env: { ...environment },
      stdout: true,
      stderr: true,
    });
    forward(worker.stdout, output);
    forward(worker.stderr, output);
    worker.on('message', ({ requestId, ...result }: ResultMessage) => {
      this.#waiting.get(requestId)?.(result);
      this.#waiting.delete(requestId);
    });
    worker.on('error', (error: unknown) => {
      output.write(
        `${setup.functionName}: ${error instanceof Error ? error.name : 'the handler'} ended it\n`,
      );
    });
    worker.on('exit', () => this.#ended(worker));
    return worker;
  }

  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    const payload = failurePayload('Runtime.ExitError', 'The function ended without an answer.');
    for (const resolve of this.#waiting.values()) resolve({ payload, failed: true });
    this.#waiting.clear();
  }
}

/** Writable shared by all functions: never ended by one of them. */
function forward(from: Readable, to: Writable): void {
  from.on('data', (chunk: Buffer) => to.write(chunk));
}
