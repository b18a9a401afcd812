import { VERSION } from '../../config/version.ts';
import { type FailureReason, reasonOfError } from '../../failure/reasons.ts';
import { errorFields } from '../../log/log.ts';
import type { RefreshContext } from '../context.ts';

/** What the refresh function finds of itself: for a person who asks what is wrong with an environment. */
export interface Examination {
  readonly version: string;
  /** Its clock (RFC 3339). */
  readonly at: string;
  /** When the last tick began. Absent: none ever has, or it cannot be read. */
  readonly last_tick_at?: string;
  /** Why the seal key rings, or the quota table, cannot be read; absent: they can. */
  readonly rings?: FailureReason;
  readonly quota_table?: FailureReason;
}

/** Tries what every refresh needs and no registration shows. Spends nothing, and never rejects. */
export async function examine({ clock, sealer, timestamps }: RefreshContext): Promise<Examination> {
  const rings = await whyNot(sealer.ready());
  let tickMs: number | undefined;
  const quotaTable = await whyNot(
    timestamps.lastMs('tick').then((atMs) => {
      tickMs = atMs;
    }),
  );
  return {
    version: VERSION,
    at: new Date(clock.nowMs()).toISOString(),
    ...(tickMs !== undefined && { last_tick_at: new Date(tickMs).toISOString() }),
    ...(rings && { rings }),
    ...(quotaTable && { quota_table: quotaTable }),
  };
}

async function whyNot(work: Promise<unknown>): Promise<FailureReason | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return reasonOfError(errorFields(error));
  }
}
