import type { Timing } from '../../config/timing.ts';
import type { Attempt, CredentialRecord, Lapse } from '../../credential/credential.ts';
import type { FailureReason } from '../../failure/reasons.ts';
import { errorFields } from '../../log/log.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { backoffMs } from './backoff.ts';
import { adoptAnother, endChain } from './end-chain.ts';
import { noteFailure } from './note-failure.ts';

/** So many other credentials of a token URL that are refused too are a provider that is not well. */
const MANY_OTHERS = 2;
/** A refresh token that is newer than this, and has brought nothing, was typed by somebody who waits for the answer. */
const JUST_TYPED_TICKS = 15;
/** Other failures, so many and for so long until the first refusal: the provider may not be over it. */
const TROUBLE_FAILURES = 3;
const TROUBLE_TICKS = 5;
/** As many of what comes due soon are looked through for others of the provider … */
const MOST_DUE = 1000;
/** … and as many of these are loaded. */
const MOST_LOADED = 20;

/**
 * A refresh token was refused. One answer ends no chain (I8): it is posted once more after a quiet time, and later
 * still while nothing shows that the provider is well.
 */
export async function refusedToken(
  context: RefreshContext,
  record: CredentialRecord,
  attempt: Attempt,
  reason: FailureReason,
): Promise<RefreshResult> {
  const { clock, timing, random } = context;
  const nowMs = clock.nowMs();
  const why = lapseReason(record, nowMs);
  if (record.state === 'lapsed') return endChain(context, record, why, attempt);
  const { count: before = 0, firstAtMs = nowMs } = record.refusals ?? {};
  const refusedForMs = nowMs - firstAtMs;
  const isMany = await areManyRefused(context, record, firstAtMs);
  if (!isMany && isJudgedAtOnce(record, nowMs, context)) return endChain(context, record, why, attempt);
  const isApart = refusedForMs >= timing.refusalApartMs;
  const isMeant = isApart && !isMany && (await isProviderWell(context, record, firstAtMs));
  if (isMeant || refusedForMs >= timing.massRefusalMs) return endChain(context, record, why, attempt);
  // An older pair takes the place of this one, which is never tried again, only when this one has ended.
  const adopted = await adoptAnother(context, record, attempt, record, record.pair?.issuedAtMs);
  if (adopted) return adopted;
  const pauseMs = isMany ? before && backoffMs(before + 1, timing, random.fraction()) : 0;
  // Who waits for a sign of the provider alone looks for it at every tick.
  const leastMs = isApart && !isMany ? timing.refusalApartMs : timing.refusalQuietMs;
  const outcome = { kind: 'refused-token', reason } as const;
  const againAtMs = nowMs + Math.max(leastMs, pauseMs);
  return noteFailure(context, record, attempt, outcome, againAtMs, { refused: true });
}

function lapseReason(record: CredentialRecord, nowMs: number): Lapse['reason'] {
  return isPastEnd(record, nowMs) ? 'refresh-token-expired' : 'grant-refused';
}

/** True if the stated end of the refresh token has come. */
function isPastEnd({ pair }: CredentialRecord, atMs: number): boolean {
  const endMs = pair?.refreshTokenExpiresAtMs;
  return endMs !== undefined && atMs >= endMs;
}

/**
 * A refresh token that a person has just typed and that has brought nothing: the person waits for the answer, and has
 * the token at hand. Where it replaced a chain that had ended, or was being refused, there is nothing better to go back
 * to, and it is asked about twice as any other.
 */
function isJudgedAtOnce(
  { pair, aside: { previous } }: CredentialRecord,
  nowMs: number,
  { timing }: RefreshContext,
): boolean {
  // One that came in an answer without an access token nobody has typed.
  if (!pair || pair.attempt !== pair.chain) return false;
  if (pair.sealedAccess || previous?.lapse || previous?.refusals) return false;
  return nowMs - pair.issuedAtMs < JUST_TYPED_TICKS * timing.tickMs;
}

/** True while others of the token URL are refused too, and when nobody can say. */
async function areManyRefused(
  { refusalLog, timing, log }: RefreshContext,
  { tokenUrl, credential }: CredentialRecord,
  firstAtMs: number,
): Promise<boolean> {
  try {
    return (await refusalLog.note(tokenUrl, credential, firstAtMs, timing.massRefusalMs)) >= MANY_OTHERS;
  } catch (error) {
    log.warn('refusal not noted', { credential, ...errorFields(error) });
    return true;
  }
}

/**
 * True if the refusals say something of this chain: since the first of them the provider has served another credential.
 * Where there is no other one, true unless it had been in trouble of another kind until then. False when nobody can say.
 */
async function isProviderWell(
  context: RefreshContext,
  record: CredentialRecord,
  firstAtMs: number,
): Promise<boolean> {
  const { ledger, clock, timing, log } = context;
  const { credential } = record;
  const bulkhead = record.quota?.key ?? record.tokenUrl;
  try {
    const soon = await ledger.due(clock.nowMs() + timing.massRefusalMs, MOST_DUE);
    const others = soon.filter((each) => each.bulkhead === bulkhead && each.credential !== credential);
    // A refresh token whose stated end came during the trouble is refused with good reason.
    if (others.length === 0) return !wasInTrouble(record, firstAtMs, timing) || isPastEnd(record, firstAtMs);
    // Who is due last was served last.
    const latest = others.filter(({ failures = 0 }) => failures === 0).reverse();
    for (const other of latest.slice(0, MOST_LOADED)) {
      const { pair } = (await ledger.load(other.credential)) ?? {};
      if (pair?.sealedAccess && pair.issuedAtMs >= firstAtMs) return true;
    }
    return false;
  } catch (error) {
    log.warn('provider not judged by others', { credential, ...errorFields(error) });
    return false;
  }
}

/** True if the credential had failed otherwise, several times and for minutes, until it was first refused. */
function wasInTrouble({ failure, refusals }: CredentialRecord, firstAtMs: number, timing: Timing): boolean {
  if (!failure) return false;
  const others = failure.count - (refusals?.count ?? 0);
  return others >= TROUBLE_FAILURES && firstAtMs - failure.sinceMs >= TROUBLE_TICKS * timing.tickMs;
}
