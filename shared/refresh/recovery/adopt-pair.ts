import { applyTransition } from '../../credential/apply-transition.ts';
import type { CredentialRecord, SealedPair } from '../../credential/credential.ts';
import { adopt, isTried, sparesOf } from '../../credential/transitions/pair.ts';
import { errorFields } from '../../log/log.ts';
import { SealError } from '../../sealing/seal.ts';
import { lanesFor } from '../../vault/lanes.ts';
import type { RefreshContext } from '../context.ts';

/**
 * Makes the rescued result of the unresolved attempt current, if there is one: a rescue copy of this chain
 * and the next generation. Undefined when the vault shows none now. Rejects when a store is unavailable.
 */
export async function adoptRescued(
  context: RefreshContext,
  record: CredentialRecord,
): Promise<CredentialRecord | undefined> {
  const rescued = await context.rescue.get(record.credential);
  if (rescued?.chain !== record.chain || rescued.generation !== record.generation + 1) return undefined;
  return adopted(context, record, rescued, rescued);
}

/**
 * Before a lapse: makes a pair of this chain current that was put aside or rescued and never tried, under
 * the next generation and due at once, because whether the provider still takes it shows only by trying.
 * `ending`: the caller's own attempt. `sinceMs`: none that is older.
 */
export async function adoptSpare(
  context: RefreshContext,
  record: CredentialRecord,
  ending?: string,
  sinceMs = 0,
): Promise<CredentialRecord | undefined> {
  const rescued = await context.rescue.get(record.credential);
  const candidates = [...sparesOf(record)];
  // An older one was current once, or was superseded: its refresh token is spent.
  const isNew = rescued?.chain === record.chain && rescued.generation >= record.generation;
  if (rescued && isNew && !isTried(record, rescued)) candidates.push(rescued);
  for (const found of candidates) {
    if (found.issuedAtMs < sinceMs) continue;
    const resealed = found.sealedRefresh && (await resealedAs(context, record, found));
    if (!resealed) continue;
    const { clock } = context;
    const after = await adopted(context, record, found, resealed, { ending, dueAtMs: clock.nowMs() });
    if (after) return after;
  }
  return undefined;
}

/** `found` as the next generation of `record`; undefined if its seal cannot be opened: that ends the search for nobody else. */
async function resealedAs(
  { clock, sealer, log }: RefreshContext,
  { credential, generation }: CredentialRecord,
  found: SealedPair,
): Promise<SealedPair | undefined> {
  const { sealedAccess: _, sealedRefresh: __, ...pair } = found;
  try {
    const tokens = {
      accessToken: await sealer.accessToken(credential, found),
      refreshToken: await sealer.refreshToken(credential, found),
    };
    const next = { ...pair, generation: generation + 1, refreshAfterMs: clock.nowMs() };
    return await sealer.sealPair(credential, next, tokens);
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    log.error('pair cannot be opened', { credential, generation: found.generation, ...errorFields(error) });
    return undefined;
  }
}

async function adopted(
  context: RefreshContext,
  record: CredentialRecord,
  found: SealedPair,
  pair: SealedPair,
  { ending, dueAtMs }: { readonly ending?: string; readonly dueAtMs?: number } = {},
): Promise<CredentialRecord | undefined> {
  const lanes = lanesFor(pair, context.timing.dayMs);
  const after = await applyTransition(context, record.credential, (now) => {
    const next = adopt(now, found, pair, lanes, ending);
    return next && { ...next, refreshAtMs: dueAtMs ?? next.refreshAtMs };
  });
  if (after?.pair?.attempt !== found.attempt) return undefined;
  context.telemetry.count('Adoptions');
  context.log.warn('adopted a pair that the ledger had not taken', {
    credential: record.credential,
    generation: after.generation,
  });
  return after;
}
