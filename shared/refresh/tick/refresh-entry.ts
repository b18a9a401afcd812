import type { Shard } from '../../config/shards.ts';
import type { DueEntry } from '../../ledger/ledger.ts';
import { errorFields } from '../../log/log.ts';
import type { Priority } from '../../quota/quota.ts';
import type { StoreUnavailableError } from '../../table/table.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../context.ts';
import { refreshCredential } from '../refresh-credential.ts';
import type { Agenda, Next } from './agenda.ts';
import { isShort, lookAgainAtMs } from './due-now.ts';
import { priorityOf } from './order.ts';
import type { EndedProcess } from './processes.ts';
import type { TickJournal } from './tick-journal.ts';

/** How soon a quota without a free permit is asked again: a permit in flight may be settled any moment. */
const ASK_AGAIN_TICKS = 1 / 60;

/** What one tick knows beside its agenda. */
export interface TickState {
  /** Of what was due, what has no new token yet: something may be to be told of it. */
  readonly notRenewed: Map<string, DueEntry>;
  readonly journal: TickJournal | undefined;
  readonly shard: Shard;
  /** The quotas of which it had permits. */
  readonly usedQuotas: Set<string>;
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

/**
 * Refreshes a due credential, here or in another process, and puts it back on the agenda where it has to wait for a
 * permit or a lease. Never rejects.
 */
export async function refreshEntry(
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
  const priority = priorityOf(entry, clock.nowMs(), timing);
  const options = { priority, isShort: isShort(entry, timing), onAsked: asked };
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
    const isAsked = !NOTHING_ASKED.has(done.result);
    if (entry.quotaKey && isAsked) state.usedQuotas.add(entry.quotaKey);
    else if (entry.quotaKey) agenda.returnTurn(entry);
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
