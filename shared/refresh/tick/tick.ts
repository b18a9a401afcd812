import { WOKEN } from '../../clock/clock.ts';
import { type Shard, WHOLE } from '../../config/shards.ts';
import { SPARE_TICKS } from '../../config/tick-parts.ts';
import type { Part } from '../../events/announce.ts';
import { tellTroubles } from '../../events/tell-troubles.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { errorFields } from '../../log/log.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../context.ts';
import { Agenda } from './agenda.ts';
import { beginsAtMs, isOfThisTick } from './due-now.ts';
import { refreshEntry, type TickState } from './refresh-entry.ts';
import { reportInventory, reportPulse } from './report-tick.ts';
import { TickJournal } from './tick-journal.ts';
import { leavesByMs } from './tick-rhythm.ts';

/** More than any quota of 10 requests a minute can serve; who waits for one must not hide who waits for another. */
const MAX_DUE = 10_000;
/** A careful tick refreshes one at a time in a process for each so many that are due: all of them have to be reached … */
const DUE_AT_ONCE = 100;
/** … and no more than so many: what ends a process is to be found among them. */
const MOST_AT_ONCE = 16;

/** What one tick did. */
export interface TickReport {
  readonly due: number;
  /** How often each result came up; `error`: a store failed before anything was spent. */
  readonly results: Readonly<Partial<Record<RefreshResult['result'] | 'error', number>>>;
  /** Still waiting (for a permit or for another's lease) when the tick's time was up. */
  readonly left: number;
}

/**
 * One invocation of a schedule: everything of its shard that is due, in the order of `byUrgency`, as far as permits
 * reach; what must wait for a permit or a lease is taken up again within this tick when it can be.
 * Nothing is waited for inside an attempt. Rejects only when the ledger cannot be asked what is due.
 */
export async function tick(
  context: RefreshContext,
  invocation: Invocation,
  shard: Shard = WHOLE,
): Promise<TickReport> {
  const { telemetry, clock, timing } = context;
  const nextMs = context.tickRhythm.nextMs(clock, shard, timing);
  const notRenewed = new Map<string, DueEntry>();
  // Where there are no other processes, its notes would help nobody.
  const journal = context.processes && (await TickJournal.begin(context, shard));
  const state = { notRenewed, journal, shard, usedQuotas: new Set<string>() };
  const [{ report, waitedFor }] = await Promise.all([
    workThrough(context, invocation, state, nextMs),
    reportPulse(context, shard),
  ]);
  await tellOf(context, invocation, unsuspected(notRenewed.keys(), journal), 'all');
  telemetry.count('Ticks');
  telemetry.count('StoreFailures', report.results.error ?? 0);
  telemetry.measure('CredentialsDue', report.due);
  telemetry.measure('CredentialsLeft', report.left);
  await reportInventory(context, invocation, notRenewed, shard);
  const scarce = [...state.usedQuotas].filter((quotaKey) => waitedFor.has(quotaKey));
  await handOver(context, invocation, scarce, leavesByMs(nextMs, timing));
  return report;
}

/** The next tick goes on with scarce permits in a moment: another container that has it is told how late it is here. */
async function handOver(
  { clock, quota, log }: RefreshContext,
  invocation: Invocation,
  scarce: readonly string[],
  atMs: number,
): Promise<void> {
  if (scarce.length === 0) return;
  const leftMs = atMs - clock.nowMs();
  if (invocation.remainingMs() < leftMs) return;
  await clock.sleep(leftMs);
  const stamped = scarce.map((quotaKey) =>
    quota
      .stamp(quotaKey)
      .catch((error: unknown) => log.warn('quota not stamped', { quotaKey, ...errorFields(error) })),
  );
  await Promise.all(stamped);
}

/** So many credentials are looked at for what is to be told of them. */
const MOST_LOOKED_AT = 500;
/** With less of the invocation left nothing is told: the next tick does it. */
const TELLING_SPARES_MS = 15_000;

/** Those whose deadline was before `byMs`: as a rule their access token has expired. */
function longExpired(due: readonly DueEntry[], byMs: number): readonly string[] {
  const expired = due.filter(({ deadlineMs }) => deadlineMs !== undefined && deadlineMs <= byMs);
  return expired.map(({ credential }) => credential);
}

/** Those that may be loaded here. What ended its process may end this one too: an inventory tells of it. */
function unsuspected(credentials: Iterable<string>, journal: TickJournal | undefined): readonly string[] {
  return [...credentials].filter((credential) => !journal?.isSuspect(credential));
}

/** Tells of what was due and not renewed, whatever the reason. Never rejects. */
async function tellOf(
  context: RefreshContext,
  invocation: Invocation,
  credentials: Iterable<string>,
  part: Part,
): Promise<void> {
  if (invocation.remainingMs() < TELLING_SPARES_MS) return;
  const some = [...credentials].slice(0, MOST_LOOKED_AT);
  const loaded = await Promise.all(some.map((id) => context.ledger.load(id).catch(() => undefined)));
  await tellTroubles(
    context,
    loaded.filter((record) => record !== undefined),
    { part },
  );
}

async function workThrough(
  context: RefreshContext,
  invocation: Invocation,
  state: TickState,
  nextMs: number,
): Promise<{ readonly report: TickReport; readonly waitedFor: ReadonlySet<string> }> {
  const { clock, timing, ledger } = context;
  const { notRenewed, journal, shard } = state;
  const startMs = clock.nowMs();
  const endMs = startMs + timing.tickBudgetMs;
  const { soon, failure } = await ledger.due(startMs + timing.tickMs, MAX_DUE, shard).then(
    (entries) => ({ soon: entries, failure: undefined }),
    (error: unknown) => ({ soon: [], failure: error }),
  );
  // A pair in memory is stored without the index: this process may be the last that has it.
  if (failure !== undefined && context.unstored.size === 0) throw failure;
  const ofThisTick = soon.filter((entry) => isOfThisTick(entry, startMs, timing));
  for (const entry of ofThisTick) notRenewed.set(entry.credential, entry);
  const due = ofThisTick
    .filter(({ credential }) => !journal?.isHeld(credential, startMs))
    .map((entry) => ({
      ...entry,
      dueAtMs: beginsAtMs(entry, startMs, timing),
      isolated: entry.isolated || journal?.isSuspect(entry.credential),
    }));
  const hasProcesses = journal !== undefined;
  const agenda = new Agenda(timing, due, [...context.unstored.keys()], {
    hasProcesses,
    turns: context.turns,
    nextTickMs: nextMs,
  });
  const results: Record<string, number> = {};
  // Before anything is tried, too: an attempt that ends the process would end the telling with it.
  const expired = journal?.isCareful ? [] : unsuspected(longExpired(due, startMs - timing.tickMs), journal);
  const told = expired.length === 0 ? undefined : tellOf(context, invocation, expired, 'shared');
  const atOnce = Math.min(MOST_AT_ONCE, Math.max(1, Math.ceil(due.length / DUE_AT_ONCE)));
  const count = agenda.size;
  const running = new Set<Promise<void>>();
  while (true) {
    const nowMs = clock.nowMs();
    const mayBegin = nowMs < endMs && invocation.remainingMs() > timing.publishByMs;
    if (!mayBegin) void journal?.signOff();
    const next = mayBegin ? agenda.take(nowMs) : undefined;
    if (next?.entry) {
      const { entry } = next;
      const refreshed = refreshEntry(context, invocation, next, results, agenda, state, atOnce);
      const work = refreshed
        .then((done) => takeUpAgain(context, entry, done, agenda, endMs))
        .finally(() => {
          next.done(clock.nowMs());
          running.delete(work);
        });
      running.add(work);
      continue;
    }
    if (running.size === 0 && (next?.readyAtMs === undefined || next.readyAtMs >= endMs)) break;
    await wakeUp(context, running, next?.readyAtMs);
  }
  await Promise.all([told, journal?.signOff()]);
  context.processes?.close();
  if (failure !== undefined) throw failure;
  const report = { due: count, results, left: agenda.size };
  return { report, waitedFor: agenda.waitedFor };
}

/** Of what was refreshed, here or elsewhere, what is due again in the same tick. */
async function takeUpAgain(
  { clock, ledger, log, timing }: RefreshContext,
  { credential, deadlineMs = 0, refreshAtMs = 0 }: DueEntry,
  result: RefreshResult['result'] | undefined,
  agenda: Agenda,
  endMs: number,
): Promise<void> {
  const hasNews = result === 'refreshed' || result === 'unpublished' || result === 'nothing';
  if (!hasNews || deadlineMs - refreshAtMs > SPARE_TICKS * timing.tickMs) return;
  try {
    const record = await ledger.load(credential);
    if (record?.dueAtMs === undefined || record.dueAtMs >= endMs) return;
    const again = { ...record, dueAtMs: record.dueAtMs };
    const nowMs = clock.nowMs();
    const beginMs = beginsAtMs(again, nowMs, timing);
    // There was nothing to do for it now, nor will there be before time has passed.
    if (result === 'nothing' && beginMs <= nowMs) return;
    if (beginMs < endMs && isOfThisTick(again, endMs - timing.tickBudgetMs, timing))
      agenda.add(again, beginMs);
  } catch (error) {
    log.warn('not looked at again', { credential, ...errorFields(error) });
  }
}

/** Resolves when one of the running ends, or at `wakeAtMs`. */
async function wakeUp(
  context: RefreshContext,
  running: ReadonlySet<Promise<void>>,
  wakeAtMs: number | undefined,
): Promise<void> {
  const cancel = new AbortController();
  const waits: Promise<void>[] = [...running];
  if (wakeAtMs !== undefined)
    waits.push(context.clock.sleep(wakeAtMs - context.clock.nowMs(), cancel.signal));
  await Promise.race(waits);
  cancel.abort(WOKEN);
}
