import { applyTransition } from '../../credential/apply-transition.ts';
import type { CredentialRecord, SealedPair } from '../../credential/credential.ts';
import { faultOf } from '../../credential/record-fault.ts';
import { recoverTo } from '../../credential/transitions/pair.ts';
import { errorFields } from '../../log/log.ts';
import { SealError } from '../../sealing/seal.ts';
import { StoreUnavailableError } from '../../table/table.ts';
import type { RefreshContext } from '../context.ts';

/** What the vault had for a credential. */
export interface RecoverResult {
  readonly credential: string;
  readonly result: 'recovered' | 'up-to-date' | 'in-flight' | 'unreadable' | 'unknown-credential';
  readonly generation?: number;
  readonly before?: number;
}

/**
 * Brings the ledger up to the vault: adopts the newest sealed pair of lanes and rescue secret that is newer
 * than the ledger's, as after a restore from a backup. Nothing is posted. `ending`: the
 * caller's own attempt. Rejects with `StoreUnavailableError`.
 */
export async function recoverChain(
  context: RefreshContext,
  credential: string,
  ending?: string,
): Promise<RecoverResult> {
  const record = await context.ledger.load(credential);
  if (!record || record.state === 'removed') return { credential, result: 'unknown-credential' };
  try {
    return await recoverRecord(context, record, ending);
  } catch (error) {
    // What a newer pair does not put right is not for a command over all credentials to end with.
    if (error instanceof StoreUnavailableError || faultOf(record) === undefined) throw error;
    context.log.error('damaged record', { credential, ...errorFields(error) });
    return { credential, result: 'unreadable' };
  }
}

async function recoverRecord(
  context: RefreshContext,
  record: CredentialRecord,
  ending: string | undefined,
): Promise<RecoverResult> {
  const { credential } = record;
  const newest = await newestInVault(context, record);
  const { generation } = record;
  if (!newest || newest.generation <= generation) return { credential, result: 'up-to-date', generation };
  if (!(await canOpen(context, credential, newest))) return { credential, result: 'unreadable', generation };
  const nowMs = context.clock.nowMs();
  const after = await applyTransition(
    context,
    credential,
    (now) => recoverTo(now, newest, nowMs, ending),
    record,
  );
  if (after?.generation !== newest.generation) return { credential, result: 'in-flight', generation };
  context.telemetry.count('Adoptions');
  context.log.warn('recovered from the vault', {
    credential,
    generation: after.generation,
    before: generation,
  });
  return { credential, result: 'recovered', generation: after.generation, before: generation };
}

/**
 * The newest pair of the lanes, of whatever chain, because only what was current is ever published; or the
 * rescued pair if it is the next one of that chain. A rescue copy of a chain that was reseeded stays aside.
 */
async function newestInVault(
  context: RefreshContext,
  record: CredentialRecord,
): Promise<SealedPair | undefined> {
  const [published, rescued] = await Promise.all([
    context.publication.published(record),
    context.rescue.get(record.credential),
  ]);
  const [newest] = published.toSorted((a, b) => b.generation - a.generation);
  const latest = newest && newest.generation > record.generation ? newest : record;
  return rescued?.chain === latest.chain && rescued.generation > latest.generation ? rescued : newest;
}

async function canOpen(context: RefreshContext, credential: string, pair: SealedPair): Promise<boolean> {
  try {
    return (
      (await context.sealer.refreshToken(credential, pair)) !== undefined || pair.sealedAccess !== undefined
    );
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    context.log.error('a sealed pair of the vault cannot be opened', {
      credential,
      generation: pair.generation,
    });
    return false;
  }
}
