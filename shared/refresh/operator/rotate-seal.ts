import { createHash } from 'node:crypto';
import { applyTransition } from '../../credential/apply-transition.ts';
import type {
  CredentialRecord,
  PreviousChain,
  SealedPair,
  UnreadableAnswer,
} from '../../credential/credential.ts';
import { type KeyRing, KeyRingError, parseKeyRing } from '../../sealing/key-ring.ts';
import { KEY_HOLD_MS, renderKeyRing, withNewKey, withoutOldKeys } from '../../sealing/rotate-ring.ts';
import { RequestTokenReusedError, type SecretStore } from '../../secret-store/secret-store.ts';
import type { RefreshContext } from '../context.ts';

export interface SealRings {
  readonly store: SecretStore;
  /** Names of the two ring secrets. */
  readonly names: readonly string[];
}

/** How a rotation ended. */
export interface SealRotation {
  readonly resealed: number;
  /** Keys of each ring now, the current one last. */
  readonly rings: Readonly<Record<string, readonly string[]>>;
  /** True: a ring was changed by another rotation, and the vault does not show it yet. Nothing was sealed anew. */
  readonly behind?: boolean;
}

/**
 * Rotates both seal keys: adds a new key to each ring, seals every pair of the ledger anew (whatever the state of
 * its credential) and has it published again, then drops the keys that nothing needs any more. Doing it again
 * after a failure is safe, and so are two at once: one of them is `behind`. Rejects with `StoreUnavailableError`, `KeyRingError` or `SealError`; then no key is dropped.
 */
export async function rotateSeal(context: RefreshContext, rings: SealRings): Promise<SealRotation> {
  const { clock, ledger } = context;
  for (const name of rings.names) {
    const ring = await rewrite(rings, name, (before) => withNewKey(before, clock.nowMs()));
    if (!ring) return { resealed: 0, rings: {}, behind: true };
  }
  await context.sealer.reload();
  let resealed = 0;
  for await (const { credential, state } of ledger.list()) {
    if (state === 'removed') continue;
    if (await resealRecord(context, credential)) resealed += 1;
    await resealRescued(context, credential);
  }
  const kids: Record<string, readonly string[]> = {};
  for (const name of rings.names) {
    const ring = await rewrite(rings, name, (now) => withoutOldKeys(now, clock.nowMs(), KEY_HOLD_MS));
    // Behind: the old keys stay until the next rotation.
    if (ring) kids[name] = [...ring.keys.keys()];
  }
  return { resealed, rings: kids };
}

/**
 * Replaces a ring, if it is still the one that was read; undefined if it is not. Reads of the vault may be behind, and
 * a key that is lost takes with it every token that was sealed under it. Secrets Manager compares no versions, but it
 * takes an idempotency token once: each version of a ring has one for its successor.
 *
 *     A   read v1 ── put v2, token of v1
 *     B        read v1 (behind) ──────── put, token of v1: refused, the key that A added stays
 */
async function rewrite(
  rings: SealRings,
  name: string,
  change: (ring: KeyRing) => KeyRing,
): Promise<KeyRing | undefined> {
  const stored = await rings.store.get(name);
  if (!stored) throw new KeyRingError(`${name}: there is no such secret; restore it.`);
  const before = parseKeyRing(name, stored.value);
  const after = change(before);
  if (after.current === before.current && after.keys.size === before.keys.size) return after;
  const requestToken = createHash('sha256').update(`after ${stored.versionId}`).digest('hex');
  try {
    await rings.store.put(name, renderKeyRing(after), { requestToken });
    return after;
  } catch (error) {
    if (error instanceof RequestTokenReusedError) return undefined;
    throw error;
  }
}

/** True if anything of the record was sealed under an older key. A refresh that comes between wins, and is sealed anew itself. */
async function resealRecord(context: RefreshContext, credential: string): Promise<boolean> {
  for (;;) {
    const seen = await context.ledger.load(credential);
    const changes = seen && (await resealedParts(context, seen));
    if (!seen || !changes) return false;
    const isUnchanged = (now: CredentialRecord) => now.revision === seen.revision;
    const after = await applyTransition(
      context,
      credential,
      (now) => (isUnchanged(now) ? { ...now, ...changes } : undefined),
      seen,
    );
    if (after?.pair === changes.pair) return true;
  }
}

async function resealedParts(context: RefreshContext, record: CredentialRecord) {
  const { sealer } = context;
  const anew = async (pair: SealedPair) => sealer.reseal(record.credential, pair);
  const pair = record.pair && (await anew(record.pair));
  const spares = await Promise.all(record.aside.spares.map(anew));
  const before = record.aside.previous && (await resealedChain(record.aside.previous, anew));
  const unreadable =
    record.aside.unreadable && (await resealedAnswer(context, record.credential, record.aside.unreadable));
  if (!pair && !before && !unreadable && spares.every((spare) => spare === undefined)) return undefined;
  return {
    pair: pair ?? record.pair,
    aside: {
      ...record.aside,
      previous: before ?? record.aside.previous,
      spares: record.aside.spares.map((spare, place) => spares[place] ?? spare),
      unreadable: unreadable ?? record.aside.unreadable,
      // It lives for minutes, and another login brings another.
      withoutNetwork: undefined,
    },
    // The lanes hold the pair sealed under the old key: publish it again, so that the vault can bring it back.
    publication: {
      ...record.publication,
      generation: pair?.sealedAccess ? record.generation - 1 : record.publication.generation,
      retryAtMs: undefined,
    },
  };
}

/** Undefined: none of its pairs had to be sealed anew. */
async function resealedChain(
  chain: PreviousChain,
  anew: (pair: SealedPair) => Promise<SealedPair | undefined>,
): Promise<PreviousChain | undefined> {
  const pair = await anew(chain.pair);
  const before = chain.before && (await resealedChain(chain.before, anew));
  if (!pair && !before) return undefined;
  return { ...chain, pair: pair ?? chain.pair, ...(before && { before }) };
}

async function resealedAnswer(
  { sealer }: RefreshContext,
  credential: string,
  answer: UnreadableAnswer,
): Promise<UnreadableAnswer | undefined> {
  const { chain, generation, sealedBody } = answer;
  const resealed = await sealer.resealAnswer(sealedBody, { credential, chain, generation });
  return resealed === undefined ? undefined : { ...answer, sealedBody: resealed };
}

/**
 * A rescue copy that the ledger still needs is sealed anew where it is. An older one is left as it is: the secret may
 * be about to hold the only copy of another pair.
 */
async function resealRescued({ ledger, rescue, sealer }: RefreshContext, credential: string): Promise<void> {
  const rescued = await rescue.get(credential);
  const resealed = rescued && (await sealer.reseal(credential, rescued).catch(() => undefined));
  if (!resealed) return;
  const record = await ledger.load(credential);
  if (record?.chain !== resealed.chain || record.generation >= resealed.generation) return;
  await rescue.put(credential, resealed);
}
