import { applyTransition } from '../../credential/apply-transition.ts';
import type { CredentialRecord } from '../../credential/credential.ts';
import { indexed } from '../../credential/indexed.ts';
import { tellTroubles } from '../../events/tell-troubles.ts';
import { errorFields } from '../../log/log.ts';
import { trackedWindow } from '../../quota/tracked-window.ts';
import { credentialStatus } from '../../telemetry/credential-status.ts';
import { inventory } from '../../telemetry/inventory.ts';
import type { Invocation, RefreshContext } from '../context.ts';

/** Once in each five minutes: a period of CloudWatch, and seldom enough to read the whole ledger. */
const INVENTORY_EVERY_MS = 5 * 60 * 1000;
/** With less of the invocation left there is no inventory: a call to a store that hangs takes half of it. */
const INVENTORY_SPARES_MS = 15_000;

/**
 * Reports how long ago the tick before this one began, from a timestamp that outlives containers: one read and
 * one write a tick. Never rejects; without it the figure is missing and the tick goes on.
 */
export async function reportPulse({
  timestamps,
  clock,
  timing,
  telemetry,
  log,
}: RefreshContext): Promise<void> {
  const nowMs = clock.nowMs();
  try {
    const touched = await timestamps.touch('tick');
    if (touched?.beforeMs === undefined) return;
    telemetry.measure('SecondsSinceLastTick', (Math.max(0, nowMs - touched.beforeMs) * timing.scale) / 1000);
  } catch (error) {
    log.warn('tick not recorded', errorFields(error));
  }
}

/**
 * Reports how all credentials are, when it is time to and the invocation has time left. Reads the whole
 * ledger. Never rejects; an inventory that could not be finished reports nothing that it did not count.
 */
export async function reportInventory(context: RefreshContext, invocation: Invocation): Promise<void> {
  const { timestamps, clock, timing, telemetry, log } = context;
  try {
    if (invocation.remainingMs() < INVENTORY_SPARES_MS) return;
    if (!(await timestamps.touch('inventory', INVENTORY_EVERY_MS / timing.scale))) return;
    const records = await readAll(context, invocation);
    if (!records) return log.warn('no time for an inventory');
    const nowMs = clock.nowMs();
    logStatuses(context, records, nowMs);
    const { credentials, expired, unpublished, hoursToLapse, lifeLeftPercent, quotas } = inventory(
      records,
      nowMs,
      timing,
    );
    telemetry.measure('ActiveCredentials', credentials.active);
    telemetry.measure('PausedCredentials', credentials.paused);
    telemetry.measure('LapsedCredentials', credentials.lapsed);
    telemetry.measure('FailingCredentials', credentials.failing);
    telemetry.measure('ExpiredCredentials', expired);
    telemetry.measure('UnpublishedCredentials', unpublished);
    if (lifeLeftPercent !== undefined) telemetry.measure('ChainLifeLeft', lifeLeftPercent);
    if (hoursToLapse !== undefined) telemetry.measure('HoursToLapse', hoursToLapse);
    await repairIndex(context, records);
    await tellTroubles(context, records, { all: records });
    for (const { quota, demandedPercent } of quotas) {
      telemetry.measureQuota('QuotaDemanded', quota.key, demandedPercent);
    }
    for (const { quota, freshRequests } of quotas) {
      if (invocation.remainingMs() < INVENTORY_SPARES_MS) return;
      await context.quota.reserve(quota, freshRequests);
      const used = await context.quota.occupied(quota);
      telemetry.measureQuota('QuotaUsed', quota.key, (100 * used) / trackedWindow(quota).limit);
    }
  } catch (error) {
    log.warn('inventory failed', errorFields(error));
  }
}

/**
 * Saves anew what the index does not hold as it should: no tick would ever find it. Nothing but a hand or a defect
 * brings that about, so it is told in the log.
 */
async function repairIndex(context: RefreshContext, records: readonly CredentialRecord[]): Promise<void> {
  const { timing, log } = context;
  const isOverlooked = (record: CredentialRecord) => {
    const dueAtMs = indexed(record, timing).dueAtMs;
    return dueAtMs !== undefined && (record.dueAtMs === undefined || record.dueAtMs > dueAtMs);
  };
  for (const { credential } of records.filter(isOverlooked)) {
    log.error('due time repaired', { credential });
    await applyTransition(context, credential, (now) => (isOverlooked(now) ? { ...now } : undefined));
  }
}

/** A line for each credential, which the dashboard shows: there may be too many for metrics of their own. */
function logStatuses(
  { log, timing }: RefreshContext,
  records: readonly CredentialRecord[],
  nowMs: number,
): void {
  for (const record of records) {
    const found = credentialStatus(record, nowMs, timing);
    if (found) log.info('credential', found);
  }
}

/** Undefined when time ran out. */
async function readAll(
  { ledger }: RefreshContext,
  invocation: Invocation,
): Promise<CredentialRecord[] | undefined> {
  const records: CredentialRecord[] = [];
  for await (const record of ledger.list()) {
    if (invocation.remainingMs() < INVENTORY_SPARES_MS) return undefined;
    records.push(record);
  }
  return records;
}
