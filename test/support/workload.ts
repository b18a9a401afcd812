import { setTimeout as delay } from 'node:timers/promises';

/** A token as a workload got it, and when. Times are Unix ms. */
export interface ReadToken {
  readonly accessToken: string;
  readonly generation: number;
  readonly expiresAtMs: number;
  readonly refreshAfterMs: number;
  /** When the read that brought it (or confirmed it) began. */
  readonly readFromMs: number;
}

/** A way to get the current token. */
export interface Door {
  readonly name: string;
  /** The current token; undefined when there is none to be had now. Rejects when something is broken. */
  read(credential: string): Promise<ReadToken | undefined>;
}

/** One request with a token, as the workload saw it. Nothing secret. */
export interface Use {
  readonly door: string;
  readonly credential: string;
  readonly generation: number;
  readonly refreshAfterMs: number;
  readonly readFromMs: number;
  readonly readUntilMs: number;
  /** When the resource was asked, and when it had answered. */
  readonly usedFromMs: number;
  readonly usedUntilMs: number;
  readonly status: number;
}

export interface WorkloadRecord {
  readonly uses: readonly Use[];
  /** How often a door had no living token. */
  readonly gaps: number;
}

export interface WorkloadParts {
  readonly doors: readonly Door[];
  readonly credentials: readonly string[];
  /** Asks the protected resource; resolves with the status. */
  openResource(accessToken: string): Promise<number>;
  /** Readers of each credential at each door; 1 unless given. */
  readonly readersEach?: number;
  /** What a reader does at most between two uses; short by default, so that some reads fall into a refresh. */
  readonly longestPauseMs?: number;
}

export interface Workload {
  /** What it has used so far. */
  readonly uses: readonly Use[];
  /** Ends every reader. Rejects with what broke one of them, if something did. */
  stop(): Promise<WorkloadRecord>;
}

/** Readers for each door and credential that read a token and use it at once, again and again. */
export function startWorkload(parts: WorkloadParts): Workload {
  const { doors, credentials, openResource, readersEach = 1, longestPauseMs = 80 } = parts;
  const stopped = new AbortController();
  const uses: Use[] = [];
  let gaps = 0;

  const readAndUse = async (door: Door, credential: string) => {
    const startMs = Date.now();
    const token = await door.read(credential);
    const readUntilMs = Date.now();
    if (!token || readUntilMs >= token.expiresAtMs) {
      gaps += 1;
      return;
    }
    const { generation, refreshAfterMs, readFromMs = startMs } = token;
    const usedFromMs = Date.now();
    const status = await openResource(token.accessToken);
    const read = { door: door.name, credential, generation, refreshAfterMs, readFromMs, readUntilMs };
    uses.push({ ...read, usedFromMs, usedUntilMs: Date.now(), status });
  };
  const keepUsing = async (door: Door, credential: string) => {
    while (!stopped.signal.aborted) {
      await readAndUse(door, credential);
      await delay(Math.random() * longestPauseMs);
    }
  };
  const each = Array.from({ length: readersEach });
  const readers = doors.flatMap((door) =>
    credentials.flatMap((credential) => each.map(() => keepUsing(door, credential))),
  );
  const ended = Promise.all(readers);
  ended.catch(() => undefined);

  return {
    uses,
    async stop() {
      stopped.abort();
      await ended;
      return { uses, gaps };
    },
  };
}
