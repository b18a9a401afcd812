import type { Clock } from '../../../shared/clock/clock.ts';
import { timing } from '../../../shared/config/timing.ts';
import type { QuotaRecord } from '../../../shared/quota/permits.ts';
import { type Acquired, type Permit, Quota } from '../../../shared/quota/quota.ts';
import type { Random } from '../../../shared/random/random.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemoryTable } from '../../support/fakes/memory-table.ts';
import type { StoreHooks } from '../../support/fakes/store-hooks.ts';

export const TIMES = timing(1);
export const WINDOW_MS = 60_000;
export const MARGIN_MS = 3000;

/** The quota that the tests share: as many requests a minute. */
export const limitOf = (limit: number) => ({ key: 'bs2', limit, windowMs: WINDOW_MS });

/** One quota table and the containers that share it, in virtual time. */
export class QuotaWorld {
  readonly clock = new ManualClock();
  readonly table: MemoryTable<QuotaRecord>;
  #ids = 0;
  readonly random: Random;

  constructor(hooks: StoreHooks = {}, fraction: () => number = () => 0.5) {
    this.table = new MemoryTable<QuotaRecord>({ keyName: 'quotaKey', hooks });
    this.random = { id: () => `id-${++this.#ids}`, fraction };
  }

  /** The quota as a container sees it whose wall clock is `skewMs` ahead. */
  container(skewMs = 0, marginMs = MARGIN_MS): { readonly quota: Quota; readonly clock: Clock } {
    const { clock } = this;
    const skewed: Clock = {
      nowMs: () => clock.nowMs() + skewMs,
      monotonicMs: () => clock.monotonicMs(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
    return {
      quota: new Quota(this.table, skewed, this.random, { ...TIMES, quotaMarginMs: marginMs }),
      clock: skewed,
    };
  }

  /** Lets time pass until the work is done. */
  async drive<Result>(work: Promise<Result>): Promise<Result> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => undefined);
    await this.clock.advance(0);
    while (!done) await this.clock.advance(1000);
    return watched;
  }

  record(): QuotaRecord {
    const [record] = this.table.items();
    if (!record) throw new Error('the quota was never used');
    return record;
  }
}

/** The permit, or an error when there was none. */
export function permitOf(acquired: Acquired): Permit {
  if (!('permit' in acquired)) throw new Error(`no permit before ${acquired.freeAtMs}`);
  return acquired.permit;
}

export const isGranted = (acquired: Acquired): boolean => 'permit' in acquired;
