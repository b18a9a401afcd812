import type { CredentialRecord } from '../credential/credential.ts';
import { errorFields } from '../log/log.ts';
import { census } from '../telemetry/census.ts';
import { standing } from '../telemetry/standing.ts';
import type { RefreshContext, Run } from './context.ts';

/** Once in each five minutes: a period of CloudWatch, and seldom enough to read the whole ledger. */
const CENSUS_EVERY_MS = 5 * 60 * 1000;
/** With less of the invocation left there is no census: a call to a store that hangs takes half of it. */
const CENSUS_SPARES_MS = 15_000;

/**
 * Reports how long ago the tick before this one began, from a mark that outlives containers: one read and
 * one write a tick. Never rejects; without the mark the figure is missing and the tick goes on.
 */
export async function reportPulse({ marks, clock, timing, telemetry, log }: RefreshContext): Promise<void> {
  const nowMs = clock.nowMs();
  try {
    const moved = await marks.move('tick');
    if (moved?.beforeMs === undefined) return;
    telemetry.measure('SecondsSinceLastTick', (Math.max(0, nowMs - moved.beforeMs) * timing.scale) / 1000);
  } catch (error) {
    log.warn('tick not marked', errorFields(error));
  }
}

/**
 * Reports how all credentials are, when it is time to and the invocation has time left. Reads the whole
 * ledger. Never rejects; a census that could not be finished reports nothing that it did not count.
 */
export async function reportCensus(context: RefreshContext, run: Run): Promise<void> {
  const { marks, clock, timing, telemetry, log } = context;
  try {
    if (run.remainingMs() < CENSUS_SPARES_MS) return;
    if (!(await marks.move('census', CENSUS_EVERY_MS / timing.scale))) return;
    const records = await readAll(context, run);
    if (!records) return log.warn('no time for a census');
    const nowMs = clock.nowMs();
    logStandings(context, records, nowMs);
    const { credentials, hoursToLapse, quotas } = census(records, nowMs, timing);
    telemetry.measure('ActiveCredentials', credentials.active);
    telemetry.measure('PausedCredentials', credentials.paused);
    telemetry.measure('LapsedCredentials', credentials.lapsed);
    telemetry.measure('FailingCredentials', credentials.failing);
    if (hoursToLapse !== undefined) telemetry.measure('HoursToLapse', hoursToLapse);
    for (const { quota, demandedPercent } of quotas) {
      telemetry.measureQuota('QuotaDemanded', quota.key, demandedPercent);
    }
    for (const { quota } of quotas) {
      if (run.remainingMs() < CENSUS_SPARES_MS) return;
      const used = await context.quota.occupied(quota);
      telemetry.measureQuota('QuotaUsed', quota.key, (100 * used) / quota.limit);
    }
  } catch (error) {
    log.warn('census failed', errorFields(error));
  }
}

/** A line for each credential, which the dashboard shows: there may be too many for metrics of their own. */
function logStandings(
  { log, timing }: RefreshContext,
  records: readonly CredentialRecord[],
  nowMs: number,
): void {
  for (const record of records) {
    const found = standing(record, nowMs, timing);
    if (found) log.info('credential', found);
  }
}

/** Undefined when time ran out. */
async function readAll({ ledger }: RefreshContext, run: Run): Promise<CredentialRecord[] | undefined> {
  const records: CredentialRecord[] = [];
  for await (const record of ledger.list()) {
    if (run.remainingMs() < CENSUS_SPARES_MS) return undefined;
    records.push(record);
  }
  return records;
}
