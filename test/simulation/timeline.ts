/** Something that will happen, unless it is cancelled. */
export interface Scheduled {
  cancel(): void;
}

class Entry implements Scheduled {
  readonly atMs: number;
  readonly order: number;
  run: (() => void) | undefined;

  constructor(atMs: number, order: number, run: () => void) {
    this.atMs = atMs;
    this.order = order;
    this.run = run;
  }

  cancel(): void {
    this.run = undefined;
  }
}

const SETTLED = Promise.resolve();
/** How many events pass before the process may look at its signals. */
const EVENTS_A_TURN = 20_000;

/**
 * Virtual time: a queue of events in the order of their times, and of their scheduling when the times are
 * equal. All promise reactions of one event have run before the next event begins, so that the same events
 * always make the same run. Times are whole milliseconds since the epoch.
 */
export class Timeline {
  /** A binary heap, the next event first. */
  readonly #heap: Entry[] = [];
  #nowMs: number;
  #scheduled = 0;
  #events = 0;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have happened. */
  get events(): number {
    return this.#events;
  }

  at(atMs: number, run: () => void): Scheduled {
    this.#scheduled += 1;
    const entry = new Entry(Math.max(Math.ceil(atMs), this.#nowMs), this.#scheduled, run);
    this.#push(entry);
    return entry;
  }

  after(ms: number, run: () => void): Scheduled {
    return this.at(this.#nowMs + ms, run);
  }

  /** Resolves after `ms` of virtual time. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Lets everything up to `untilMs` happen, or until `isOver` says so. Rejects with what an event throws. */
  run(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    return new Promise((resolve, reject) => {
      // A tick of the process begins when no promise reaction is left: so each event sees a settled world.
      const next = () => process.nextTick(step);
      const step = () => {
        try {
          const entry = this.#first();
          if (!entry || entry.atMs > untilMs || isOver()) {
            if (!isOver()) this.#nowMs = untilMs;
            resolve();
            return;
          }
          this.#pop();
          this.#nowMs = entry.atMs;
          this.#events += 1;
          entry.run?.();
          if (this.#events % EVENTS_A_TURN === 0) setImmediate(step);
          else void SETTLED.then(next);
        } catch (error) {
          reject(error);
        }
      };
      step();
    });
  }

  /** The next event that was not cancelled. */
  #first(): Entry | undefined {
    while (this.#heap[0] && !this.#heap[0].run) this.#pop();
    return this.#heap[0];
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (!parent || isBefore(parent, entry)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    while (true) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (!child) break;
      const right = heap[childIndex + 1];
      if (right && isBefore(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
