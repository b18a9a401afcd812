import { WOKEN } from '../../clock/clock.ts';
import type { Timing } from '../../config/timing.ts';
import type { Part } from '../../events/announce.ts';
import { tellTroubles } from '../../events/tell-troubles.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { errorFields } from '../../log/log.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../context.ts';
import { refreshCredential } from '../refresh-credential.ts';
import { Agenda, type Next } from './agenda.ts';
import { priorityOf } from './order.ts';
import { reportInventory, reportPulse } from './report-tick.ts';

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

/** What one tick did. */
export interface TickReport {
  readonly due: number;
  /** How often each result came up; `error`: a store failed before anything was spent. */
  readonly results: Readonly<Partial<Record<RefreshResult['result'] | 'error', number>>>;
  /** Still waiting (for a permit or for another's lease) when the tick's time was up. */
  readonly left: number;
}

/**
 * One invocation of the schedule: everything that is due, in the order of `byUrgency`, as far as permits
 * reach; what must wait for a permit or a lease is taken up again within this tick when it can be.
 * Nothing is waited for inside an attempt. Rejects only when the ledger cannot be asked what is due.
 */
export async function tick(context: RefreshContext, invocation: Invocation): Promise<TickReport> {
  const { telemetry } = context;
  const notRenewed = new Map<string, DueEntry>();
  const [report] = await Promise.all([workThrough(context, invocation, notRenewed), reportPulse(context)]);
  await tellOf(context, invocation, notRenewed.keys(), 'all');
  telemetry.count('Ticks');
  telemetry.count('StoreFailures', report.results.error ?? 0);
  telemetry.measure('CredentialsDue', report.due);
  telemetry.measure('CredentialsLeft', report.left);
  await reportInventory(context, invocation, notRenewed);
  return report;
}

/** So many credentials are looked at for what is to be told of them. */
const MOST_LOOKED_AT = 500;
/** With less of the invocation left nothing is told: the next tick does it. */
const TELLING_SPARES_MS = 15_000;

/** Those whose deadline was before `byMs`: as a rule their access token has expired. */
function longExpired(due: readonly DueEntry[], byMs: number): ReadonlySet<string> {
  const expired = due.filter(({ deadlineMs }) => deadlineMs !== undefined && deadlineMs <= byMs);
  return new Set(expired.map(({ credential }) => credential));
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
  notRenewed: Map<string, DueEntry>,
): Promise<TickReport> {
  const { clock, timing, ledger } = context;
  const startMs = clock.nowMs();
  const endMs = startMs + timing.tickBudgetMs;
  const soon = await ledger.due(startMs + timing.tickMs, MAX_DUE);
  const due = soon
    .filter((entry) => isOfThisTick(entry, startMs, timing))
    .map((entry) => ({ ...entry, dueAtMs: beginsAtMs(entry, timing) }));
  const agenda = new Agenda(timing, due, [...context.unstored.keys()]);
  const results: Record<string, number> = {};
  for (const entry of due) notRenewed.set(entry.credential, entry);
  // Before anything is tried, too: an attempt that ends the process would end the telling with it.
  const expired = longExpired(due, startMs - timing.tickMs);
  const told = expired.size === 0 ? undefined : tellOf(context, invocation, expired, 'shared');
  const count = agenda.size;
  const running = new Set<Promise<void>>();
  while (true) {
    const nowMs = clock.nowMs();
    const mayBegin = nowMs < endMs && invocation.remainingMs() > timing.publishByMs;
    const next = mayBegin ? agenda.take(nowMs) : undefined;
    if (next?.entry) {
      const { entry } = next;
      const refreshed = refreshEntry(context, invocation, next, results, agenda, notRenewed);
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
  await told;
  return { due: count, results, left: agenda.size };
}

/**
 * Of what comes due during a tick, a renewal that is well waits for its own tick, unless its token would not outlive the
 * one after that.
 */
function isOfThisTick(entry: DueEntry, startMs: number, { tickMs }: Timing): boolean {
  const { dueAtMs, refreshAtMs = 0, deadlineMs = Number.POSITIVE_INFINITY, failures = 0 } = entry;
  if (refreshAtMs <= startMs) return true;
  if (refreshAtMs === dueAtMs && failures === 0)
    return refreshAtMs < deadlineMs && deadlineMs < startMs + (1 + SPARE_TICKS) * tickMs;
  return dueAtMs <= startMs + AHEAD_TICKS * tickMs;
}

/**
 * A token of a minute is renewed 10 s before its end, not at half of its life: the lanes of a credential hold no more
 * than a version in 45 s for a day.
 */
function beginsAtMs(
  { dueAtMs, refreshAtMs = 0, deadlineMs = 0, failures = 0 }: DueEntry,
  { tickMs }: Timing,
): number {
  const windowMs = deadlineMs - refreshAtMs;
  if (refreshAtMs !== dueAtMs || failures > 0 || windowMs <= 0) return dueAtMs;
  const wantedMs = Math.min(refreshAtMs - windowMs + LEAST_APART_TICKS * tickMs, deadlineMs - tickMs / 6);
  return Math.max(dueAtMs, wantedMs);
}

/** A token that lives for so short a time that it is due again in the same tick. */
async function takeUpAgain(
  { ledger, log, timing }: RefreshContext,
  { credential, deadlineMs = 0, refreshAtMs = 0 }: DueEntry,
  result: RefreshResult['result'] | undefined,
  agenda: Agenda,
  endMs: number,
): Promise<void> {
  if (result !== 'refreshed' || deadlineMs - refreshAtMs > SPARE_TICKS * timing.tickMs) return;
  try {
    const record = await ledger.load(credential);
    if (record?.dueAtMs === undefined || record.dueAtMs >= endMs) return;
    const entry = { ...record, dueAtMs: record.dueAtMs };
    const beginMs = beginsAtMs(entry, timing);
    if (beginMs < endMs && isOfThisTick(entry, endMs - timing.tickBudgetMs, timing))
      agenda.add(entry, beginMs);
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

async function refreshEntry(
  context: RefreshContext,
  invocation: Invocation,
  { entry, asked }: Extract<Next, { readonly entry: DueEntry }>,
  results: Record<string, number>,
  agenda: Agenda,
  notRenewed: Map<string, DueEntry>,
): Promise<RefreshResult['result'] | undefined> {
  const { clock, timing, log } = context;
  const priority = priorityOf(entry, clock.nowMs(), timing);
  try {
    const done = await refreshCredential(context, invocation, entry.credential, { priority, onAsked: asked });
    if (RENEWED.has(done.result)) notRenewed.delete(entry.credential);
    if (entry.quotaKey && NOTHING_ASKED.has(done.result)) agenda.returnTurn(entry);
    if (done.result === 'no-permit' && entry.quotaKey && done.againAtMs) {
      agenda.add(entry, 0);
      // When a permit in flight comes free nobody can say: it is asked for again soon.
      const soonMs = clock.nowMs() + Math.max(ASK_AGAIN_TICKS * timing.tickMs, (entry.quotaPaceMs ?? 0) / 4);
      agenda.close(entry, priority, Math.min(done.againAtMs, soonMs));
    } else if (done.againAtMs !== undefined) agenda.add(entry, done.againAtMs);
    if (done.result !== 'no-permit' && done.result !== 'waiting') {
      results[done.result] = (results[done.result] ?? 0) + 1;
    }
    return done.result;
  } catch (error) {
    log.error('store unavailable', { credential: entry.credential, ...errorFields(error) });
    results.error = (results.error ?? 0) + 1;
    return undefined;
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
