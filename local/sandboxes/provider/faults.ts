import * as v from 'valibot';
import { missingOrNoObject } from './json-body.ts';

/** What can be made to go wrong with a token request, from the outside in. */
const FAULT_KINDS = ['drop-request', 'drop-response', 'http-503', 'http-429', 'slow', 'malformed'] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** One order for faults: the next `count` token requests meet `kind`; 0 takes back those of the kind that wait. */
export interface FaultOrder {
  readonly kind: FaultKind;
  readonly count: number;
  /** `slow`: how late the answer is. `http-429`: what Retry-After says, rounded up to seconds. Never scaled. */
  readonly ms?: number;
}

/** A fault as one token request meets it. */
export type Fault = Pick<FaultOrder, 'kind' | 'ms'>;

const COUNT = 'expected a whole number from 0 (none any more) to 10000, or nothing for 1';
const MS = 'expected a whole number of milliseconds from 0 to 600000';

/** The body of `POST /_sandbox/faults`. `slow` needs `ms`, the other kinds ignore it or can do without. */
export const faultOrderSchema = v.pipe(
  v.object(
    {
      kind: v.picklist(FAULT_KINDS, `expected one of ${FAULT_KINDS.join(', ')}`),
      count: v.optional(
        v.pipe(v.number(COUNT), v.integer(COUNT), v.minValue(0, COUNT), v.maxValue(10_000, COUNT)),
        1,
      ),
      ms: v.optional(v.pipe(v.number(MS), v.integer(MS), v.minValue(0, MS), v.maxValue(600_000, MS))),
    },
    missingOrNoObject,
  ),
  v.forward(
    v.check(
      ({ kind, count, ms }) => kind !== 'slow' || count === 0 || ms !== undefined,
      `${MS}; the kind slow needs it`,
    ),
    ['ms'],
  ),
);

/** Faults that wait for a token request, first ordered first met. */
export class FaultQueue {
  #orders: FaultOrder[] = [];

  add(order: FaultOrder): void {
    if (order.count > 0) this.#orders.push(order);
    else this.#orders = this.#orders.filter(({ kind }) => kind !== order.kind);
  }

  /** The fault that the next token request meets; undefined if none is ordered. */
  next(): Fault | undefined {
    return this.#orders[0];
  }

  /** Uses up what {@link FaultQueue.next} said. */
  use(): void {
    const order = this.#orders.shift();
    if (order && order.count > 1) this.#orders.unshift({ ...order, count: order.count - 1 });
  }
}
