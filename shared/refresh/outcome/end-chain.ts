import { applyTransition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord, Lapse } from '../../credential/credential.ts';
import { goBack, lapse } from '../../credential/transitions/chain.ts';
import type { RefreshContext, RefreshResult } from '../context.ts';
import { adoptSpare } from '../recovery/adopt-pair.ts';
import { recoverChain } from '../recovery/recover-chain.ts';

/**
 * Declares the chain at `seen.generation` ended, unless something better turns up (I6): the ledger is read
 * again, a spare or a rescue copy is tried first, and so is whatever the lanes have that is newer.
 * `attempt` is the caller's own, which ends here.
 */
export async function endChain(
  context: RefreshContext,
  seen: CredentialRecord,
  reason: Lapse['reason'],
  attempt?: Attempt,
): Promise<RefreshResult> {
  const { credential, chain, generation } = seen;
  const current = await context.ledger.load(credential);
  if (!current || current.state === 'removed') return { result: 'unknown-credential' };
  const isSame = (now: CredentialRecord) => now.chain === chain && now.generation === generation;
  const adopted = await adoptAnother(context, current, attempt, seen);
  if (adopted) return adopted;
  const wentBack = isSame(current) && (await backToPrevious(context, current, attempt));
  if (wentBack) return wentBack;
  const atMs = context.clock.nowMs();
  const record = await applyTransition(context, credential, (now) =>
    // A reseed begins its chain at the same generation: the end of the old one says nothing of it.
    now.chain === chain ? lapse(now, generation, { atMs, reason }, attempt?.id) : undefined,
  );
  if (record?.state !== 'lapsed')
    return { result: 'waiting', reason: 'superseded', generation: record?.generation };
  context.log.error('credential lapsed', { credential, generation, reason, ...record.lapse });
  return { result: 'lapsed', reason: record.lapse?.reason ?? reason, generation };
}

/**
 * Makes a pair current that may be the successor of a refused refresh token: a spare, a rescue copy, or what the lanes
 * have that is newer. Undefined: there is none, or another attempt is at it, or the credential is not as it was `seen`.
 * `spareSinceMs`: a spare must not be older.
 */
export async function adoptAnother(
  context: RefreshContext,
  current: CredentialRecord,
  attempt?: Attempt,
  seen: CredentialRecord = current,
  spareSinceMs = 0,
): Promise<RefreshResult | undefined> {
  const { credential } = current;
  const isOthers = current.attempt && current.attempt.id !== attempt?.id;
  if (current.chain !== seen.chain || current.generation !== seen.generation || isOthers) return undefined;
  const spare = await adoptSpare(context, current, attempt?.id, spareSinceMs);
  if (spare) return { result: 'adopted', generation: spare.generation, againAtMs: context.clock.nowMs() };
  const { result, generation } = await recoverChain(context, credential, attempt?.id);
  if (result !== 'recovered') return undefined;
  return { result: 'adopted', generation, againAtMs: context.clock.nowMs() };
}

/**
 * A reseed's refresh token or login brought nothing: the chain that it replaced goes on, with what its last answer
 * brought too late to become current. Undefined: there is none to go back to. `attempt`: the caller's own.
 */
export async function backToPrevious(
  context: RefreshContext,
  { credential, chain, generation, aside: { previous } }: CredentialRecord,
  attempt?: Attempt,
): Promise<RefreshResult | undefined> {
  if (!previous) return undefined;
  const record = await applyTransition(context, credential, (now) => goBack(now, chain, attempt?.id));
  if (record?.chain !== previous.pair.chain) return undefined;
  context.log.warn('the new refresh token brought nothing: went back to the chain before', { credential });
  const isInDoubt = record.attempt !== undefined || record.doubt !== undefined || record.state === 'lapsed';
  if (isInDoubt) await adoptSpare(context, record, record.attempt?.id);
  return { result: 'failed', reason: 'previous-chain', generation };
}
