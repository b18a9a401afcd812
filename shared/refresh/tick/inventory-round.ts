import type { Timing } from '../../config/timing.ts';
import type { CredentialRecord } from '../../credential/credential.ts';
import { faultOf } from '../../credential/record-fault.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Population, type QuotaDemand, quotasWithFigures, Tally } from '../../telemetry/inventory.ts';

/** So many records a tick are read for the inventory, however many are registered. */
export const SLICE = 500;

/**
 * One round after the other over all records, a slice a tick, in the memory of one container. What a round counts stands
 * until the next one is through; a new container begins anew.
 *
 *     400 registered       one slice in every five minutes
 *     10,000 registered    20 ticks a round
 *     100,000 registered   200 ticks a round
 */
export class InventoryRound {
  /** What the last round counted, once there was one … */
  latest: Population | undefined;
  /** … the records among them that are damaged and are not counted in it … */
  damaged = 0;
  /** … and the quotas of it that are still to be looked at. */
  quotas: QuotaDemand[] = [];
  /** The keys of those that have figures. */
  withFigures: ReadonlySet<string> = new Set();
  #tally: Tally | undefined;
  #damaged = 0;
  #after: string | undefined;

  /** A round has begun and is not through. */
  get isOn(): boolean {
    return this.#tally !== undefined;
  }

  begin(timing: Timing): void {
    if (this.isOn) return;
    this.#tally = new Tally(timing);
    this.#damaged = 0;
    this.#after = undefined;
  }

  /**
   * Reads and counts the next slice, and gives its records. Undefined when `hasTime` said no, and then the slice is read
   * again next time. Rejects as the ledger does.
   */
  async readSlice(
    ledger: Ledger<CredentialRecord>,
    nowMs: () => number,
    hasTime: () => boolean,
  ): Promise<readonly CredentialRecord[] | undefined> {
    const records: CredentialRecord[] = [];
    for await (const record of ledger.list({ after: this.#after, limit: SLICE })) {
      if (!hasTime()) return undefined;
      records.push(record);
    }
    for (const record of records) {
      if (faultOf(record) === undefined) this.#tally?.add(record, nowMs());
      else this.#damaged += 1;
    }
    this.#after = records.at(-1)?.credential;
    if (records.length < SLICE) this.#end();
    return records;
  }

  #end(): void {
    this.latest = this.#tally?.population();
    this.damaged = this.#damaged;
    this.quotas = [...(this.latest?.quotas ?? [])];
    this.withFigures = quotasWithFigures(this.quotas);
    this.#tally = undefined;
    this.#after = undefined;
  }
}

const rounds = new WeakMap<object, InventoryRound>();

/** The rounds of this container over a ledger. */
export function roundOver(ledger: Ledger<CredentialRecord>): InventoryRound {
  const known = rounds.get(ledger) ?? new InventoryRound();
  rounds.set(ledger, known);
  return known;
}
