import { applyTransition } from '../../credential/apply-transition.ts';
import { type CredentialRecord, keptBy, type SealedPair } from '../../credential/credential.ts';
import { keep } from '../../credential/transitions/pair.ts';
import { errorFields } from '../../log/log.ts';
import { lanesFor } from '../../vault/lanes.ts';
import type { Invocation, RefreshContext } from '../context.ts';
import { abortAt, within } from './deadline.ts';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2000;
/** What an invocation needs to end in good order … */
const CLOSING_MS = 1500;
/** … and what is left of that when it woke up so late that each store has not even been tried once. */
const LAST_MOMENT_MS = 300;

/** Where a new pair is now. `record` is the ledger's, when the ledger answered. */
export type StoreResult =
  | { readonly where: 'current' | 'aside'; readonly record: CredentialRecord }
  | { readonly where: 'rescue' | 'memory' | 'removed' };

/**
 * Brings a new pair into safety, whatever fails (I3, I4). The ledger first; at its first failure, or when it is late
 * (the process was frozen), the rescue secret too, each again and again until the ledger has it, or the rescue secret
 * has it and `storeByMs` (monotonic) has come, or the invocation is at its end: then the pair waits in this
 * container's memory. `seen`, what the attempt wrote when it began, saves a load: until the first store has answered,
 * a crash costs the chain.
 */
export async function storePair(
  context: RefreshContext,
  invocation: Invocation,
  credential: string,
  pair: SealedPair,
  storeByMs: number,
  seen?: CredentialRecord,
): Promise<StoreResult> {
  const { clock, log } = context;
  let rescued = false;
  const isLate = clock.monotonicMs() >= storeByMs;
  const giveUp = (): StoreResult => {
    if (rescued) return { where: 'rescue' };
    context.unstored.set(credential, pair);
    return { where: 'memory' };
  };
  for (let round = 0; ; round += 1) {
    const leftMs = invocation.remainingMs() - (round < 2 ? LAST_MOMENT_MS : CLOSING_MS);
    const keeping = keepPair(context, credential, pair, round === 0 && !isLate ? seen : undefined);
    const rescuing = async () => {
      if (rescued || (round === 0 && !isLate)) return;
      await rescuePair(context, credential, pair, leftMs);
      rescued = true;
    };
    // A call that hangs must not outlive the invocation: with the process goes the only copy.
    const tried = await within(clock, leftMs, Promise.allSettled([keeping, rescuing()]));
    if (!tried) return giveUp();
    const [kept] = tried;
    if (kept.status === 'fulfilled') {
      context.unstored.delete(credential);
      return kept.value;
    }
    log.warn('keep failed', {
      credential,
      generation: pair.generation,
      round,
      rescued,
      ...errorFields(kept.reason),
    });
    if (rescued && clock.monotonicMs() >= storeByMs) return { where: 'rescue' };
    if (round > 0 && invocation.remainingMs() < CLOSING_MS) return giveUp();
    if (round > 0) await clock.sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** round));
  }
}

async function keepPair(
  context: RefreshContext,
  credential: string,
  pair: SealedPair,
  seen: CredentialRecord | undefined,
): Promise<StoreResult> {
  const { dayMs } = context.timing;
  const lanes = lanesFor(pair, dayMs);
  const record = await applyTransition(context, credential, (now) => keep(now, pair, lanes, dayMs), seen);
  if (!record || record.state === 'removed') return { where: 'removed' };
  return { where: keptBy(record, pair.attempt) ? 'current' : 'aside', record };
}

async function rescuePair(
  context: RefreshContext,
  credential: string,
  pair: SealedPair,
  leftMs: number,
): Promise<void> {
  const { clock } = context;
  const deadline = abortAt(clock, clock.monotonicMs() + leftMs);
  try {
    await context.rescue.put(credential, pair, deadline.signal);
  } finally {
    deadline.cancel();
  }
}
