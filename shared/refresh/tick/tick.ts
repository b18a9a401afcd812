import { WOKEN } from '../../clock/clock.ts';
import { type Shard, WHOLE } from '../../config/shards.ts';
import type { Timing } from '../../config/timing.ts';
import type { Part } from '../../events/announce.ts';
import { tellTroubles } from '../../events/tell-troubles.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { errorFields } from '../../log/log.ts';
import type { Priority } from '../../quota/quota.ts';
import type { StoreUnavailableError } from '../../table/table.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../context.ts';
import { refreshCredential } from '../refresh-credential.ts';
import { Agenda, type Next } from './agenda.ts';
import { priorityOf } from './order.ts';
import type { EndedProcess } from './processes.ts';
import { reportInventory, reportPulse } from './report-tick.ts';
import { TickJournal } from './tick-journal.ts';

/** More than any quota of 10 requests a minute can serve; who waits for one must not hide who waits for another. */
const MAX_DUE = 10_000;
/** How soon a quota without a free permit is asked again: a permit in flight may be settled any moment. */
const ASK_AGAIN_TICKS = 1 / 60;
/**
 * A lease is as long as ticks are apart. One that was taken as the last tick began ends moments after this one has
 * begun; found by the next one only, an attempt without a trace would cost its token.
 */
const AHEAD_TICKS = 0.1;
/** A renewal that the next tick would make with less than this left to the token is made when it is due. */
const SPARE_TICKS = 1.25;
/** Renewals of one credential are no closer, as long as its token lives for longer. */
const LEAST_APART_TICKS = 0.875;
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
  const { telemetry } = context;
  const notRenewed = new Map<string, DueEntry>();
  // Where there are no other processes, its notes would help nobody.
  const journal = context.processes && (await TickJournal.begin(context, shard));
  const [report] = await Promise.all([
    workThrough(context, invocation, { notRenewed, journal, shard }),
    reportPulse(context, shard),
  ]);
  await tellOf(context, invocation, unsuspected(notRenewed.keys(), journal), 'all');
  telemetry.count('Ticks');
  telemetry.count('StoreFailures', report.results.error ?? 0);
  telemetry.measure('CredentialsDue', report.due);
  telemetry.measure('CredentialsLeft', report.left);
  await reportInventory(context, invocation, notRenewed, shard);
  return report;
}

/** What one tick knows beside its agenda. */
interface TickState {
  /** Of what was due, what has no new token yet: something may be to be told of it. */
  readonly notRenewed: Map<string, DueEntry>;
  readonly journal: TickJournal | undefined;
  readonly shard: Shard;
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
): Promise<TickReport> {
  const { clock, timing, ledger } = context;
  const { notRenewed, journal, shard } = state;
  const startMs = clock.nowMs();
  const endMs = startMs + timing.tickBudgetMs;
  const soon = await ledger.due(startMs + timing.tickMs, MAX_DUE, shard);
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
  const agenda = new Agenda(timing, due, [...context.unstored.keys()], { hasProcesses });
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
          next.done();
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
  return { due: count, results, left: agenda.size };
}

/**
 * Of what comes due during a tick, a renewal that is well waits for its own tick, unless its token would not outlive the
 * one after that.
 */
function isOfThisTick(entry: DueEntry, startMs: number, timing: Timing): boolean {
  const { tickMs } = timing;
  const { dueAtMs, refreshAtMs = 0, deadlineMs = Number.POSITIVE_INFINITY, failures = 0 } = entry;
  if (refreshAtMs <= startMs) return true;
  if ((refreshAtMs === dueAtMs || isShort(entry, timing)) && failures === 0)
    return refreshAtMs < deadlineMs && deadlineMs < startMs + (1 + SPARE_TICKS) * tickMs;
  return dueAtMs <= startMs + AHEAD_TICKS * tickMs;
}

/**
 * A token of a minute is renewed 10 s before its end, not at half of its life: the lanes of a credential hold no more
 * than a version in 45 s for a day.
 */
function beginsAtMs(entry: DueEntry, nowMs: number, timing: Timing): number {
  const { dueAtMs, refreshAtMs = 0, deadlineMs = 0, failures = 0 } = entry;
  const { tickMs } = timing;
  const windowMs = deadlineMs - refreshAtMs;
  const isInHand = refreshAtMs !== dueAtMs;
  if (failures > 0 || windowMs <= 0 || (isInHand && !isShort(entry, timing))) return dueAtMs;
  const wantedMs = Math.min(refreshAtMs - windowMs + LEAST_APART_TICKS * tickMs, deadlineMs - tickMs / 6);
  const beginMs = Math.max(refreshAtMs, wantedMs);
  return isInHand && beginMs <= nowMs ? lookAgainAtMs(entry, dueAtMs, nowMs, timing) : beginMs;
}

/** True of a token that lives for so short a time that it is due again in the same tick. */
function isShort({ deadlineMs = 0, refreshAtMs = 0 }: Partial<DueEntry>, { tickMs }: Timing): boolean {
  return deadlineMs > refreshAtMs && deadlineMs - refreshAtMs <= SPARE_TICKS * tickMs;
}

/**
 * When to look again at what another process has in hand until `untilMs`, as a rule the tick before: at the end of its
 * old token. When that lease ends, a new token of a minute would have ended too.
 */
function lookAgainAtMs(entry: DueEntry, untilMs: number, nowMs: number, timing: Timing): number {
  const { deadlineMs = 0 } = entry;
  return isShort(entry, timing) && deadlineMs > nowMs ? Math.min(untilMs, deadlineMs) : untilMs;
}

/** Of what was refreshed, here or elsewhere, what is due again in the same tick. */
async function takeUpAgain(
  { clock, ledger, log, timing }: RefreshContext,
  { credential, deadlineMs = 0, refreshAtMs = 0 }: DueEntry,
  result: RefreshResult['result'] | undefined,
  agenda: Agenda,
  endMs: number,
): Promise<void> {
  const hasNews = result === 'refreshed' || result === 'nothing';
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

/** Nothing of it is to be told that was not told at once. */
const RENEWED: ReadonlySet<RefreshResult['result']> = new Set([
  'refreshed',
  'published',
  'unknown-credential',
]);

/** The index is behind by moments: what it calls due may have been refreshed already. */
const NOTHING_ASKED: ReadonlySet<RefreshResult['result']> = new Set([
  'nothing',
  'published',
  'waiting',
  'no-permit',
  'no-time',
  'unknown-credential',
]);

/** What was left of an attempt that stored its pair before its process ended. */
const LEFT_BEHIND: ReadonlySet<RefreshResult['result']> = new Set(['published', 'adopted', 'unpublished']);

async function refreshEntry(
  context: RefreshContext,
  invocation: Invocation,
  { entry, asked }: Extract<Next, { readonly entry: DueEntry }>,
  results: Record<string, number>,
  agenda: Agenda,
  state: TickState,
  atOnce: number,
): Promise<RefreshResult['result'] | undefined> {
  const { clock, timing, log } = context;
  const { notRenewed } = state;
  const options = { priority: priorityOf(entry, clock.nowMs(), timing), onAsked: asked };
  const { priority } = options;
  try {
    const done =
      (await refreshApart(context, invocation, entry, state, { priority, atOnce })) ??
      (await refreshCredential(context, invocation, entry.credential, options));
    if (done.result === 'ended') {
      // It was beside others: each of them is tried alone, after all that was not.
      agenda.add({ ...entry, isolated: true }, clock.nowMs());
      return undefined;
    }
    if (RENEWED.has(done.result)) notRenewed.delete(entry.credential);
    if (entry.quotaKey && NOTHING_ASKED.has(done.result)) agenda.returnTurn(entry);
    if (done.result === 'no-permit' && entry.quotaKey && done.againAtMs) {
      agenda.add(entry, 0);
      // When a permit in flight comes free nobody can say: it is asked for again soon.
      const soonMs = clock.nowMs() + Math.max(ASK_AGAIN_TICKS * timing.tickMs, (entry.quotaPaceMs ?? 0) / 4);
      agenda.close(entry, priority, Math.min(done.againAtMs, soonMs));
    } else if (done.againAtMs !== undefined) {
      agenda.add(entry, lookAgainAtMs(entry, done.againAtMs, clock.nowMs(), timing));
    }
    if (done.result !== 'no-permit' && done.result !== 'waiting') {
      results[done.result] = (results[done.result] ?? 0) + 1;
    }
    return done.result;
  } catch (error) {
    const fields = errorFields(error);
    const isStore = fields.code === ('store-unavailable' satisfies StoreUnavailableError['code']);
    log.error(isStore ? 'store unavailable' : 'a refresh threw', { credential: entry.credential, ...fields });
    results.error = (results.error ?? 0) + 1;
    // What throws where nothing should has not come to an outcome, and noted no failure: it waits ever longer all the same.
    if (!isStore) await state.journal?.suspect(entry.credential);
    return undefined;
  }
}

/**
 * What perhaps ends its process is refreshed in another one; in a tick that is careful, everything is. What ended one
 * in which it was alone is noted, counts as failed, and waits ever longer. Undefined: it is to be refreshed here.
 */
async function refreshApart(
  context: RefreshContext,
  invocation: Invocation,
  { credential, isolated }: DueEntry,
  { journal }: TickState,
  { priority, atOnce }: { readonly priority: Priority; readonly atOnce: number },
): Promise<RefreshResult | EndedProcess | undefined> {
  const { processes, unstored, telemetry, log } = context;
  // A pair that no store has taken is in the memory of this process.
  if (!journal || !processes || unstored.has(credential)) return undefined;
  if (!isolated && !journal.isCareful) return undefined;
  const done = await processes.refresh(credential, { priority, atOnce: isolated ? 1 : atOnce }, invocation);
  if (done?.result !== 'ended') {
    // What is left of an attempt that ended with its process was put right; the next refresh may end another.
    if (done && LEFT_BEHIND.has(done.result)) await journal.watch(credential);
    else if (done && !NOTHING_ASKED.has(done.result)) await journal.acquit(credential);
    return done;
  }
  if (!done.isAlone) return done;
  await journal.suspect(credential);
  telemetry.count('UnresolvedAttempts');
  log.error('a refresh ended its process', { credential });
  return { result: 'failed', reason: 'no-trace' };
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
