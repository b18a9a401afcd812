import { applyTransition } from '../credential/apply-transition.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { clearTraceless } from '../credential/transitions/attempt.ts';
import { noteReport } from '../credential/transitions/notes.ts';
import { announce } from '../events/announce.ts';
import { errorFields } from '../log/log.ts';
import { type AttemptOptions, attemptRefresh } from './attempt/attempt.ts';
import { repairPublication } from './attempt/publish-pair.ts';
import { storePair } from './attempt/store-pair.ts';
import type { Invocation, RefreshContext, RefreshResult } from './context.ts';
import { backoffMs } from './outcome/backoff.ts';
import { endChain } from './outcome/end-chain.ts';
import { adoptRescued } from './recovery/adopt-pair.ts';
import { nextStep, type Step } from './step.ts';

/**
 * Does what is to be done about one credential now: nothing, or one step of the protocol with what must
 * come before it. Safe to call from any number of containers at once. Rejects with `StoreUnavailableError`
 * when a store failed before anything was spent.
 */
export async function refreshCredential(
  context: RefreshContext,
  invocation: Invocation,
  credential: string,
  options: AttemptOptions,
): Promise<RefreshResult> {
  const { clock, timing, ledger, unstored } = context;
  const waiting = unstored.get(credential);
  if (waiting) {
    const stored = await storePair(
      context,
      invocation,
      credential,
      waiting,
      clock.monotonicMs() + timing.storeByMs,
    );
    if (stored.where === 'memory') return { result: 'unstored', reason: 'memory' };
    unstored.delete(credential);
  }
  const loaded = await ledger.load(credential);
  if (!loaded) return { result: 'unknown-credential' };
  const { record, isNew } = await noteRefusal(context, loaded, options);
  const step = nextStep(record, clock.nowMs(), timing, options);
  const done = await takeStep(context, invocation, record, step, options);
  // Of any number of readers with the same report, the one whose report was noted tells of it.
  const isRepeated = options.refused && !isNew && done.result === 'nothing';
  if (!isRepeated && !TOLD_OR_NOTHING_TO_TELL.has(done.result)) await tell(context, credential);
  return done;
}

const TOLD_OR_NOTHING_TO_TELL: ReadonlySet<RefreshResult['result']> = new Set([
  'refreshed',
  'published',
  'waiting',
  'no-permit',
  'unknown-credential',
  // The invocation may be at its end, and the process must outlive it: the pair is in its memory.
  'unstored',
]);

/** Telling can wait for the next tick; what was done cannot be undone by it. */
async function tell(context: RefreshContext, credential: string): Promise<void> {
  try {
    await announce(context, credential);
  } catch (error) {
    context.log.warn('not announced', { credential, ...errorFields(error) });
  }
}

/** Reports with less than this (or the life of a token) between them are one episode. */
const REPORTS_GO_ON_MS = 60 * 60_000;

/** Remembers a reader's report of a refused token, once for each generation, whether it leads to a refresh or not. */
async function noteRefusal(
  context: RefreshContext,
  record: CredentialRecord,
  { refused, ifGeneration }: AttemptOptions,
): Promise<{ readonly record: CredentialRecord; readonly isNew: boolean }> {
  const { generation, reports, credential } = record;
  const isKnown = reports.latest?.generation === generation;
  if (!refused || ifGeneration !== generation || isKnown) return { record, isNew: false };
  const { pair } = record;
  const lifeMs = pair ? pair.expiresAtMs - pair.issuedAtMs : 0;
  const goesOnMs = Math.max(lifeMs, REPORTS_GO_ON_MS / context.timing.scale);
  const report = { generation, atMs: context.clock.nowMs(), goesOnMs };
  let mine: CredentialRecord | undefined;
  const note = (now: CredentialRecord) => {
    mine = noteReport(now, report);
    return mine;
  };
  const noted = await applyTransition(context, credential, note, record);
  return { record: noted ?? record, isNew: mine !== undefined && noted?.reports === mine.reports };
}

function takeStep(
  context: RefreshContext,
  invocation: Invocation,
  record: CredentialRecord,
  step: Step,
  options: AttemptOptions,
): RefreshResult | Promise<RefreshResult> {
  switch (step.do) {
    case 'nothing':
      if (step.reason === 'removed') return { result: 'unknown-credential' };
      return { result: 'nothing', reason: step.reason, generation: record.generation };
    case 'wait':
      return { result: 'waiting', reason: 'attempt-in-flight', againAtMs: step.untilMs };
    case 'publish':
      return repairPublication(context, record);
    case 'resolve':
      return resolve(context, invocation, record, step, options);
    case 'lapse':
      return endChain(context, record, 'refresh-token-expired', record.attempt);
    case 'post':
      return postWithNewClient(context, invocation, record, options);
  }
}

/** An attempt; where its client secret had just been replaced, another one at once, so that the change costs nobody a refresh. */
async function postWithNewClient(
  context: RefreshContext,
  invocation: Invocation,
  record: CredentialRecord,
  options: AttemptOptions,
): Promise<RefreshResult> {
  const done = await attemptRefresh(context, invocation, record, options);
  if (done.reason !== 'stale-client') return done;
  const now = await context.ledger.load(record.credential);
  if (now?.generation !== record.generation || now.chain !== record.chain) return done;
  return attemptRefresh(context, invocation, now, options);
}

/** An attempt ended without a trace: its rescued pair becomes current, or its absence makes way for a post. */
async function resolve(
  context: RefreshContext,
  invocation: Invocation,
  record: CredentialRecord,
  step: Extract<Step, { do: 'resolve' }>,
  options: AttemptOptions,
): Promise<RefreshResult> {
  const adopted = await adoptRescued(context, record);
  if (adopted) {
    context.telemetry.count('UnresolvedAttempts');
    const published = await repairPublication(context, adopted);
    return published.result === 'published' ? { ...published, result: 'adopted' } : published;
  }
  if (!step.absenceCounts) return { result: 'waiting', reason: 'unresolved', againAtMs: step.againAtMs };
  const { clock, timing, random } = context;
  const nowMs = clock.nowMs();
  const fraction = random.fraction();
  const cleared = await applyTransition(
    context,
    record.credential,
    (now) => clearTraceless(now, step.attempt, nowMs, (alike) => backoffMs(alike, timing, fraction)),
    record,
  );
  if (!cleared) return { result: 'unknown-credential' };
  context.telemetry.count('UnresolvedAttempts');
  return takeStep(context, invocation, cleared, nextStep(cleared, nowMs, timing, options), options);
}
