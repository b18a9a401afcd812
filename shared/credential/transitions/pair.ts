import { type CredentialRecord, keptBy, publishPending, SETTLED, type SealedPair } from '../credential.ts';
import { withLanes } from '../lane-number.ts';
import { scheduledAtMs } from '../schedule.ts';

const MAX_SPARES = 4;
const MAX_PAST = 8;

/**
 * Stores the pair of an attempt. It becomes current if the ledger still stands at the generation before it
 * (whoever began an attempt meanwhile: a late answer wins), else it is put aside as a spare (I3). `lanes`: as many as
 * tokens of its life need.
 */
export function keep(
  record: CredentialRecord,
  pair: SealedPair,
  lanes: number,
  fewerLanesAfterMs?: number,
): CredentialRecord | undefined {
  if (record.state === 'removed' || isKnown(record, pair)) return undefined;
  if (record.chain !== pair.chain || record.generation !== pair.generation - 1) {
    return {
      ...record,
      aside: { ...record.aside, spares: [...record.aside.spares, pair].slice(-MAX_SPARES) },
    };
  }
  return {
    ...record,
    state: record.state === 'lapsed' ? 'active' : record.state,
    pair,
    aside: {
      ...record.aside,
      previous: undefined,
      withoutNetwork: undefined,
      past: withPast(record),
      // Of a chain that has brought its first pair there is nothing to be read out of an older answer.
      ...(!record.pair?.sealedAccess && { unreadable: undefined, unreadableBefore: undefined }),
    },
    generation: pair.generation,
    publication: {
      ...withLanes(record.publication, { lanes, atMs: pair.issuedAtMs, fewerAfterMs: fewerLanesAfterMs }),
      retryAtMs: undefined,
      pendingSinceMs: pendingSinceMs(record, pair),
    },
    refreshAtMs: scheduledAtMs(record.mode, pair),
    ...SETTLED,
    // The attempt goes on: it has the pair to publish.
    attempt: record.attempt,
    // Without an access token the chain goes on, but the credential is not well.
    failure: pair.sealedAccess ? undefined : record.failure,
  };
}

/**
 * Makes `pair` current, which was `found` elsewhere. Its attempt ends if it is the unresolved one, as does
 * the caller's own, `ending`.
 */
export function adopt(
  record: CredentialRecord,
  found: SealedPair,
  pair: SealedPair,
  lanes: number,
  ending?: string,
): CredentialRecord | undefined {
  const kept = keep(withoutSpare(record, found), pair, lanes);
  if (kept?.pair !== pair) return undefined;
  const ended = [found.attempt, ending].includes(kept.attempt?.id);
  return {
    ...kept,
    attempt: ended ? undefined : kept.attempt,
  };
}

/**
 * Brings a ledger that is behind (restored from a backup) up to a pair that the vault had: of whatever chain, if it is
 * newer. An attempt in flight goes first; one whose lease is over belongs to the past,
 * as does the caller's own, `ending`.
 */
export function recoverTo(
  record: CredentialRecord,
  pair: SealedPair,
  nowMs: number,
  ending?: string,
): CredentialRecord | undefined {
  if (record.state === 'removed' || record.generation >= pair.generation) return undefined;
  const { attempt } = record;
  if (attempt && attempt.id !== ending && nowMs < attempt.leaseUntilMs) return undefined;
  return {
    ...record,
    state: record.state === 'lapsed' ? 'active' : record.state,
    chain: pair.chain,
    generation: pair.generation,
    pair,
    aside: { ...record.aside, previous: undefined, past: withPast(record) },
    publication: {
      ...record.publication,
      generation: pair.generation - 1,
      retryAtMs: undefined,
      pendingSinceMs: record.publication.pendingSinceMs ?? nowMs,
    },
    refreshAtMs: scheduledAtMs(record.mode, pair),
    ...SETTLED,
  };
}

/** Since when pairs wait for their lanes: since this one, if the one before is in its lane. */
function pendingSinceMs(record: CredentialRecord, pair: SealedPair): number | undefined {
  if (record.publish === 'none' || !pair.sealedAccess) return undefined;
  return (publishPending(record) ? record.publication.pendingSinceMs : undefined) ?? pair.issuedAtMs;
}

/** Pairs of this chain that were put aside and not tried yet, the latest first. */
export function sparesOf(record: CredentialRecord): readonly SealedPair[] {
  return record.aside.spares
    .filter((spare) => spare.chain === record.chain && !isTried(record, spare))
    .toReversed();
}

/** True if the pair is or was current: adopting it would bring back a spent token. */
export function isTried(record: CredentialRecord, pair: SealedPair): boolean {
  return keptBy(record, pair.attempt) || record.aside.past.includes(pair.attempt);
}

/** The attempts whose pairs were current, with the one that stops being it. */
export function withPast({ aside: { past }, pair }: CredentialRecord): readonly string[] {
  return pair ? [...past, pair.attempt].slice(-MAX_PAST) : past;
}

function isKnown(record: CredentialRecord, pair: SealedPair): boolean {
  return isTried(record, pair) || record.aside.spares.some((spare) => spare.attempt === pair.attempt);
}

function withoutSpare(record: CredentialRecord, pair: SealedPair): CredentialRecord {
  const spares = record.aside.spares.filter((spare) => spare.attempt !== pair.attempt);
  return { ...record, aside: { ...record.aside, spares } };
}
