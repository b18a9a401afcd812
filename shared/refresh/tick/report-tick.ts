import { type Shard, WHOLE } from '../../config/shards.ts';
import type { CredentialRecord } from '../../credential/credential.ts';
import { faultOf } from '../../credential/record-fault.ts';
import type { Watched } from '../../credential/watched.ts';
import { tellApps } from '../../events/tell-apps.ts';
import { tellDamaged } from '../../events/tell-damaged.ts';
import { tellTroubles } from '../../events/tell-troubles.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { errorFields } from '../../log/log.ts';
import { trackedWindow } from '../../quota/tracked-window.ts';
import { credentialStatus } from '../../telemetry/credential-status.ts';
import { type Concerns, combined, concerns } from '../../telemetry/inventory.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { TimestampName } from '../../telemetry/timestamps.ts';
import type { Invocation, RefreshContext } from '../context.ts';
import { type InventoryRound, roundOver } from './inventory-round.ts';
import { isSetBack, repairDue } from './repair-due.ts';

/** Once in each five minutes: a period of CloudWatch. */
const INVENTORY_EVERY_MS = 5 * 60 * 1000;
/** With less of the invocation left there is no inventory: a call to a store that hangs takes half of it. */
const INVENTORY_SPARES_MS = 15_000;
/** As many as a tick takes. */
const MOST_OVERDUE = 10_000;
/** So many quotas are looked at a tick. */
const QUOTAS_A_TICK = 100;

/**
 * Reports how long ago the tick before this one began, from a timestamp that outlives containers: one read and
 * one write a tick. With several schedules, also how long ago the next one's last tick began, so that no schedule falls
 * silent while another goes on. Never rejects; without it the figure is missing and the tick goes on.
 */
export async function reportPulse(
  { timestamps, clock, timing, ledger, telemetry, log }: RefreshContext,
  { index, of }: Shard,
): Promise<void> {
  const nowMs = clock.nowMs();
  try {
    const [touched, nextMs] = await Promise.all([
      timestamps.touch(pulseOf(index)),
      of === 1 ? undefined : timestamps.lastMs(pulseOf((index + 1) % of)),
    ]);
    for (const beforeMs of [touched?.beforeMs, nextMs]) {
      if (beforeMs === undefined) continue;
      telemetry.measure('SecondsSinceLastTick', (Math.max(0, nowMs - beforeMs) * timing.scale) / 1000);
    }
    const backMs = touched?.beforeMs === undefined ? 0 : touched.beforeMs - clock.nowMs();
    if (!isSetBack(backMs, timing)) return;
    log.warn('the clock was set back', { seconds: Math.round(backMs / 1000) });
    // Which tokens are older than they seem, a new look at all records finds.
    roundOver(ledger).begin(timing);
  } catch (error) {
    log.warn('tick not recorded', errorFields(error));
  }
}

function pulseOf(shard: number): TimestampName {
  return shard === 0 ? 'tick' : `tick-${shard}`;
}

/**
 * Reports how all credentials are, of whatever shard, when it is time to and the invocation has time left. What needs attention is read by
 * the index that holds it, and what is `overdue` is known to the tick; what is well is read in slices, one a tick. Never
 * rejects; an inventory that could not be finished reports nothing that it did not count.
 */
export async function reportInventory(
  context: RefreshContext,
  invocation: Invocation,
  overdue: ReadonlyMap<string, DueEntry>,
  shard: Shard = WHOLE,
): Promise<void> {
  const { timestamps, clock, timing, ledger, telemetry, log } = context;
  const hasTime = () => invocation.remainingMs() >= INVENTORY_SPARES_MS;
  const round = roundOver(ledger);
  try {
    if (!hasTime()) return;
    const isTime = (await timestamps.touch('inventory', INVENTORY_EVERY_MS / timing.scale)) !== undefined;
    if (isTime) round.begin(timing);
    const records = round.isOn ? await round.readSlice(ledger, () => clock.nowMs(), hasTime) : [];
    if (!records) return log.warn('no time for an inventory');
    await tellDamaged(context, records);
    const sound = records.filter((record) => faultOf(record) === undefined);
    logStatuses(context, sound, clock.nowMs());
    if (isTime) {
      const late = shard.of === 1 ? overdue : await overdueOfAll(context);
      report(telemetry, round, concerns(await concerned(context, late), clock.nowMs(), timing));
    }
    await repairDue(context, sound);
    await tellTroubles(context, sound, { isWhole: isTime });
    await tellApps(context, sound);
    await reportQuotas(context, round, hasTime);
  } catch (error) {
    log.warn('inventory failed', errorFields(error));
  }
}

/** What is due in any shard: what is of this one alone, its tick knows. */
async function overdueOfAll({ ledger, clock }: RefreshContext): Promise<ReadonlyMap<string, DueEntry>> {
  const due = await ledger.due(clock.nowMs(), MOST_OVERDUE);
  return new Map(due.map((entry) => [entry.credential, entry]));
}

/** What needs attention, and fresh credentials that were due and whose tokens have expired. */
async function concerned(
  { ledger }: RefreshContext,
  overdue: ReadonlyMap<string, DueEntry>,
): Promise<readonly Watched[]> {
  const found = new Map<string, Watched>();
  for (const kind of ['troubled', 'idle'] as const) {
    for await (const { credential, watched } of ledger.attention(kind)) {
      if (watched) found.set(credential, watched);
    }
  }
  for (const [credential, { mode, deadlineMs }] of overdue) {
    if (mode !== 'fresh' || deadlineMs === undefined || found.has(credential)) continue;
    found.set(credential, { state: 'active', mode, provider: '', tokenUrl: '', expiresAtMs: deadlineMs });
  }
  return [...found.values()];
}

function report(
  telemetry: Telemetry,
  { latest: population, damaged }: InventoryRound,
  ofConcern: Concerns,
): void {
  const { paused, lapsed, failing, expired, unpublished, hoursToLapse, lifeLeftPercent } = combined(
    population ?? { active: 0, quotas: [], leastLeft: {} },
    ofConcern,
  );
  if (population) telemetry.measure('ActiveCredentials', population.active);
  telemetry.measure('PausedCredentials', paused);
  telemetry.measure('LapsedCredentials', lapsed);
  telemetry.measure('FailingCredentials', failing + damaged);
  telemetry.measure('ExpiredCredentials', expired);
  telemetry.measure('UnpublishedCredentials', unpublished);
  if (lifeLeftPercent !== undefined) telemetry.measure('ChainLifeLeft', lifeLeftPercent);
  if (hoursToLapse !== undefined) telemetry.measure('HoursToLapse', hoursToLapse);
}

/** Of the quotas of the last round, some at each tick. */
async function reportQuotas(
  { quota: quotas, telemetry }: RefreshContext,
  round: InventoryRound,
  hasTime: () => boolean,
): Promise<void> {
  const some = round.quotas.splice(0, QUOTAS_A_TICK);
  const { withFigures } = round;
  const shown = some.filter(({ quota }) => withFigures.has(quota.key));
  for (const { quota, demandedPercent } of shown) {
    telemetry.measureQuota('QuotaDemanded', quota.key, demandedPercent);
  }
  for (const { quota, planned } of some) {
    if (!hasTime()) return;
    await quotas.reserve(quota, planned);
    if (!withFigures.has(quota.key)) continue;
    const used = await quotas.occupied(quota);
    telemetry.measureQuota('QuotaUsed', quota.key, (100 * used) / trackedWindow(quota).limit);
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
