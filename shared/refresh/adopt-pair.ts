import type { CredentialRecord, SealedPair } from '../credential/credential.ts';
import { move } from '../credential/move.ts';
import { adopt, isTried, sparesOf } from '../credential/pair-moves.ts';
import { laneCount } from '../vault/lanes.ts';
import type { RefreshContext } from './context.ts';

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
 * `ending`: the caller's own attempt.
 */
export async function adoptSpare(
  context: RefreshContext,
  record: CredentialRecord,
  ending?: string,
): Promise<CredentialRecord | undefined> {
  const rescued = await context.rescue.get(record.credential);
  const candidates = [...sparesOf(record)];
  // An older one was current once, or was superseded: its refresh token is spent.
  const isNew = rescued?.chain === record.chain && rescued.generation >= record.generation;
  if (rescued && isNew && !isTried(record, rescued)) candidates.push(rescued);
  for (const found of candidates) {
    if (!found.sealedRefresh) continue;
    const { clock, sealer } = context;
    const { sealedAccess: _, sealedRefresh: __, ...pair } = found;
    const resealed = await sealer.sealPair(
      record.credential,
      { ...pair, generation: record.generation + 1, refreshAfterMs: clock.nowMs() },
      {
        accessToken: await sealer.accessToken(record.credential, found),
        refreshToken: await sealer.refreshToken(record.credential, found),
      },
    );
    const after = await adopted(context, record, found, resealed, { ending, dueAtMs: clock.nowMs() });
    if (after) return after;
  }
  return undefined;
}

async function adopted(
  context: RefreshContext,
  record: CredentialRecord,
  found: SealedPair,
  pair: SealedPair,
  { ending, dueAtMs }: { readonly ending?: string; readonly dueAtMs?: number } = {},
): Promise<CredentialRecord | undefined> {
  const lanes = laneCount(pair.expiresAtMs - pair.issuedAtMs, context.timing.dayMs);
  const after = await move(context, record.credential, (now) => {
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
