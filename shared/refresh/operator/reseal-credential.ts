import { applyTransition } from '../../credential/apply-transition.ts';
import type {
  CredentialRecord,
  PreviousChain,
  SealedPair,
  UnreadableAnswer,
} from '../../credential/credential.ts';
import { SealError } from '../../sealing/seal.ts';
import type { Sealer } from '../../sealing/sealer.ts';
import type { RefreshContext } from '../context.ts';

/** What sealing one credential anew came to. */
export interface ResealResult {
  readonly credential: string;
  readonly isResealed: boolean;
  /** No key opens something of it: that was left as it was. */
  readonly isUnopened: boolean;
}

/**
 * Seals everything of one credential under the current keys, whatever its state, and has its token published again. What
 * no key opens is left as it is. Rejects with `StoreUnavailableError` or `KeyRingError`.
 */
export async function resealCredential(
  context: RefreshContext,
  { credential, state }: CredentialRecord,
): Promise<ResealResult> {
  if (state === 'removed') return { credential, isResealed: false, isUnopened: false };
  const opener = new Opener(context, credential);
  const isResealed = await resealRecord(context, credential, opener);
  await resealRescued(context, credential);
  return { credential, isResealed, isUnopened: opener.hasFailed };
}

/** Seals the parts of one record anew, and notes when one of them cannot be opened. */
class Opener {
  readonly #sealer: Sealer;
  readonly #credential: string;
  hasFailed = false;

  constructor({ sealer }: RefreshContext, credential: string) {
    this.#sealer = sealer;
    this.#credential = credential;
  }

  /** Undefined: it needs nothing, or it cannot be opened. */
  pair(pair: SealedPair): Promise<SealedPair | undefined> {
    return this.#sealer.reseal(this.#credential, pair).catch(this.#unopened);
  }

  async answer(answer: UnreadableAnswer): Promise<UnreadableAnswer | undefined> {
    const { chain, generation, sealedBody } = answer;
    const place = { credential: this.#credential, chain, generation };
    const resealed = await this.#sealer.resealAnswer(sealedBody, place).catch(this.#unopened);
    return resealed === undefined ? undefined : { ...answer, sealedBody: resealed };
  }

  #unopened = (error: unknown): undefined => {
    if (!(error instanceof SealError)) throw error;
    this.hasFailed = true;
  };
}

/** True if anything of the record was sealed under an older key. A refresh that comes between wins, and is sealed anew itself. */
async function resealRecord(context: RefreshContext, credential: string, opener: Opener): Promise<boolean> {
  for (;;) {
    const seen = await context.ledger.load(credential);
    const changes = seen && (await resealedParts(opener, seen));
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

async function resealedParts(opener: Opener, record: CredentialRecord) {
  const anew = (pair: SealedPair) => opener.pair(pair);
  const pair = record.pair && (await anew(record.pair));
  const spares = await Promise.all(record.aside.spares.map(anew));
  const before = record.aside.previous && (await resealedChain(record.aside.previous, anew));
  const { unreadable: latest, unreadableBefore: older } = record.aside;
  const unreadable = latest && (await opener.answer(latest));
  const unreadableBefore = await Promise.all((older ?? []).map((one) => opener.answer(one)));
  const parts = [pair, before, unreadable, ...spares, ...unreadableBefore];
  if (parts.every((part) => part === undefined)) return undefined;
  return {
    pair: pair ?? record.pair,
    aside: {
      ...record.aside,
      previous: before ?? record.aside.previous,
      spares: record.aside.spares.map((spare, place) => spares[place] ?? spare),
      unreadable: unreadable ?? latest,
      unreadableBefore: older?.map((one, place) => unreadableBefore[place] ?? one),
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
