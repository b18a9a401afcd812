import type { Readable, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
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
  /** What the function printed meanwhile, those of other runs too; only where it was asked for. */
  readonly log?: string;
}

/**
 * A function's container: a worker thread with its own environment, modules and output, so that several
 * stacks fit into one process and a handler that crashes takes nothing else along.
 */
export class FunctionContainer {
  readonly #options: ContainerOptions;
  readonly #listeners = new Set<(chunk: Buffer) => void>();
  readonly #waiting = new Map<string, (result: InvocationResult) => void>();
  #worker: Worker | undefined;

  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  /** Begins the cold start, if it has not begun. */
  warm(): void {
    this.#worker ??= this.#start();
  }

  /**
   * Runs the handler; never rejects. A worker that ends meanwhile is a failed run, and the next starts anew.
   * `withLog` adds what the function printed, between the lines that Lambda writes around it.
   */
  async run(message: InvokeMessage, { withLog = false } = {}): Promise<InvocationResult> {
    if (!withLog) return this.#run(message);
    const printed: Buffer[] = [];
    const listen = (chunk: Buffer) => printed.push(chunk);
    this.#listeners.add(listen);
    const beganAtMs = performance.now();
    try {
      const result = await this.#run(message);
      // The output comes by another port than the result: two turns of the event loop, and it is here.
      await turn();
      await turn();
      const { requestId } = message;
      const durationMs = (performance.now() - beganAtMs).toFixed(2);
      const log = [
        `START RequestId: ${requestId} Version: $LATEST\n`,
        Buffer.concat(printed).toString('utf8'),
        `END RequestId: ${requestId}\n`,
        `REPORT RequestId: ${requestId}\tDuration: ${durationMs} ms\tMemory Size: ${this.#options.setup.memoryMb} MB\n`,
      ];
      return { ...result, log: log.join('') };
    } finally {
      this.#listeners.delete(listen);
    }
  }

  #run(message: InvokeMessage): Promise<InvocationResult> {
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
    this.#forward(worker.stdout, output);
    this.#forward(worker.stderr, output);
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

  /** Writable shared by all functions: never ended by one of them. */
  #forward(from: Readable, to: Writable): void {
    from.on('data', (chunk: Buffer) => {
      to.write(chunk);
      for (const listen of this.#listeners) listen(chunk);
    });
  }

  #ended(worker: Worker): void {
    if (this.#worker === worker) this.#worker = undefined;
    const payload = failurePayload('Runtime.ExitError', 'The function ended without an answer.');
    for (const resolve of this.#waiting.values()) resolve({ payload, failed: true });
    this.#waiting.clear();
  }
}
