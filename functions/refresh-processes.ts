import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { SealedPair } from '../shared/credential/credential.ts';
import { type ErrorFields, errorFields } from '../shared/log/log.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../shared/refresh/context.ts';
import { refreshCredential } from '../shared/refresh/refresh-credential.ts';
import type { EndedProcess, ProcessOptions, RefreshProcesses } from '../shared/refresh/tick/processes.ts';
import { refreshProcessVariables } from './environment.ts';

/** With the container's own and what V8 needs beside its heap, they fit into the function's memory. */
const MOST_PROCESSES = 2;
const HEAP_MB = 96;
/** What is left of the invocation when a process that does not answer is ended. */
const SPARED_MS = 6_000;
/** A process that is not ready by then never will be. */
const START_MS = 15_000;

interface Order {
  readonly id: number;
  readonly credential: string;
  readonly priority: ProcessOptions['priority'];
  readonly remainingMs: number;
}

type Reply =
  | { readonly ready: true }
  | { readonly id: number; readonly result: RefreshResult; readonly unstored?: SealedPair }
  | { readonly id: number; readonly error: ErrorFields };

type Answer = Exclude<Reply, { ready: true }> | EndedProcess;

/** A store failed in another process. */
class RefreshProcessError extends Error {
  override readonly name: string;
  readonly code: string | undefined;

  constructor({ error, code }: ErrorFields) {
    super('A refresh failed in a process of its own.');
    this.name = error;
    this.code = code;
  }
}

/** {@link RefreshProcesses} by `node:child_process`: each runs the module of the refresh function. */
export class ForkedRefreshProcesses implements RefreshProcesses {
  readonly #module: string;
  readonly #leaseMs: number;
  readonly #unstored: Map<string, SealedPair>;
  readonly #running = new Set<RefreshProcess>();
  #changed = Promise.withResolvers<void>();

  /** `unstored`: where a pair goes that no store took, because its process ends with the tick. */
  constructor(module: string, leaseMs: number, unstored: Map<string, SealedPair>) {
    this.#module = module;
    this.#leaseMs = leaseMs;
    this.#unstored = unstored;
  }

  async refresh(
    credential: string,
    { priority, atOnce }: ProcessOptions,
    invocation: Invocation,
  ): Promise<RefreshResult | EndedProcess | undefined> {
    const { place, release } = await this.#place(atOnce);
    try {
      if (!(await place.isReady)) return undefined;
      const remainingMs = invocation.remainingMs();
      const reply = await place.ask(
        { credential, priority, remainingMs },
        Math.min(this.#leaseMs, remainingMs - SPARED_MS),
      );
      if ('isAlone' in reply) return reply;
      if ('error' in reply) throw new RefreshProcessError(reply.error);
      if (reply.unstored) this.#unstored.set(credential, reply.unstored);
      return reply.result;
    } finally {
      release();
      this.#change();
    }
  }

  close(): void {
    for (const each of this.#running) each.end();
    this.#running.clear();
  }

  /** A process with a place, which is taken already. */
  async #place(atOnce: number) {
    while (true) {
      const isFull = this.#running.size >= MOST_PROCESSES;
      const place =
        [...this.#running].find((each) => each.hasPlace(atOnce)) ?? (isFull ? undefined : this.#start());
      if (place) return { place, release: place.occupy(atOnce) };
      await this.#changed.promise;
    }
  }

  #start(): RefreshProcess {
    const started = new RefreshProcess(this.#module);
    this.#running.add(started);
    void started.ended.then(() => {
      this.#running.delete(started);
      this.#change();
    });
    return started;
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

class RefreshProcess {
  readonly ended: Promise<void>;
  readonly isReady: Promise<boolean>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #limits: number[] = [];
  #hasEnded = false;
  #ids = 0;

  constructor(module: string) {
    const child = fork(module, [], {
      env: refreshProcessVariables(),
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    // What it prints is the function's log.
    child.stdout?.on('data', (chunk: Buffer) => process.stdout.write(chunk));
    child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    const ready = Promise.withResolvers<boolean>();
    this.isReady = ready.promise;
    child.on('message', (reply: Reply) => {
      if ('ready' in reply) return ready.resolve(true);
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
    const over = Promise.withResolvers<void>();
    this.ended = over.promise;
    const onEnd = () => {
      this.#hasEnded = true;
      ready.resolve(false);
      over.resolve();
      const isAlone = this.#waiting.size === 1;
      for (const answer of this.#waiting.values()) answer({ result: 'ended', isAlone });
      this.#waiting.clear();
    };
    child.once('exit', onEnd).once('error', onEnd);
    const late = setTimeout(() => {
      ready.resolve(false);
      child.kill('SIGKILL');
    }, START_MS);
    void ready.promise.then(() => clearTimeout(late));
  }

  hasPlace(atOnce: number): boolean {
    return !this.#hasEnded && this.#limits.length < Math.min(atOnce, ...this.#limits);
  }

  /** Takes a place, and returns what gives it back. */
  occupy(atOnce: number): () => void {
    this.#limits.push(atOnce);
    return () => {
      this.#limits.splice(this.#limits.indexOf(atOnce), 1);
    };
  }

  /** Its reply, or that it ended, or was ended because none came. */
  async ask(order: Omit<Order, 'id'>, withinMs: number): Promise<Answer> {
    if (this.#hasEnded) return { result: 'ended', isAlone: false };
    const id = ++this.#ids;
    const late = setTimeout(() => this.#child.kill('SIGKILL'), Math.max(0, withinMs));
    try {
      return await new Promise((resolve) => {
        this.#waiting.set(id, resolve);
        // A process that is ending takes no message, and says so by its end.
        this.#child.send({ ...order, id } satisfies Order, () => undefined);
      });
    } finally {
      clearTimeout(late);
    }
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** The inside of such a process: refreshes what it is asked to until its container lets it end. */
export function serveRefreshes(context: RefreshContext, flush: () => void): void {
  process.on('message', async ({ id, credential, priority, remainingMs }: Order) => {
    const endsAtMs = performance.now() + remainingMs;
    const invocation = { remainingMs: () => Math.max(0, endsAtMs - performance.now()) };
    const reply = await refreshCredential(context, invocation, credential, { priority }).then(
      (result): Reply => ({ id, result, unstored: context.unstored.get(credential) }),
      (error: unknown): Reply => ({ id, error: errorFields(error) }),
    );
    flush();
    process.send?.(reply);
  });
  void once(process, 'disconnect').then(() => process.exit());
  process.send?.({ ready: true } satisfies Reply);
}
