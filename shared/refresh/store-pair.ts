import { type CredentialRecord, keptBy, type SealedPair } from '../credential/credential.ts';
import { move } from '../credential/move.ts';
import { keep } from '../credential/pair-moves.ts';
import { errorFields } from '../log/log.ts';
import { laneCount } from '../vault/lanes.ts';
import type { RefreshContext, Run } from './context.ts';
import { abortAt } from './deadline.ts';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2000;
/** What an invocation needs to end in good order. */
const CLOSING_MS = 1500;

/** Where a new pair is now. `record` is the ledger's, when the ledger answered. */
export type Stored =
  | { readonly where: 'current' | 'aside'; readonly record: CredentialRecord }
  | { readonly where: 'rescue' | 'memory' | 'removed' };

/**
 * Brings a new pair into safety, whatever fails (I3, I4). The ledger first; at its first failure the rescue
 * secret too, each again and again until the ledger has it, or the rescue secret has it and `storeByMs`
 * (monotonic) has come, or the invocation is at its end: then the pair waits in this container's memory.
 * `seen`, what the attempt wrote when it began, saves a load: until the first store has answered, a crash costs
 * the chain.
 */
export async function storePair(
  context: RefreshContext,
  run: Run,
  credential: string,
  pair: SealedPair,
  storeByMs: number,
  seen?: CredentialRecord,
): Promise<Stored> {
  const { clock, log } = context;
  let rescued = false;
  for (let round = 0; ; round += 1) {
    const [kept, saved]: [PromiseSettledResult<Stored>, PromiseSettledResult<boolean>] =
      await Promise.allSettled([
        keepPair(context, credential, pair, round === 0 ? seen : undefined),
        round > 0 && !rescued ? rescuePair(context, run, credential, pair) : Promise.resolve(rescued),
      ]);
    if (saved.status === 'fulfilled') rescued = saved.value;
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
    if (run.remainingMs() < CLOSING_MS) {
      if (rescued) return { where: 'rescue' };
      context.unstored.set(credential, pair);
      return { where: 'memory' };
    }
    if (round > 0) await clock.sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** round));
  }
}

async function keepPair(
  context: RefreshContext,
  credential: string,
  pair: SealedPair,
  seen: CredentialRecord | undefined,
): Promise<Stored> {
  const lanes = pair.sealedAccess ? laneCount(pair.expiresAtMs - pair.issuedAtMs, context.timing.dayMs) : 1;
  const record = await move(context, credential, (now) => keep(now, pair, lanes), seen);
  if (!record || record.state === 'removed') return { where: 'removed' };
  return { where: keptBy(record, pair.attempt) ? 'current' : 'aside', record };
}

async function rescuePair(
  context: RefreshContext,
  run: Run,
  credential: string,
  pair: SealedPair,
): Promise<boolean> {
  const { clock } = context;
  const deadline = abortAt(clock, clock.monotonicMs() + run.remainingMs() - CLOSING_MS);
  try {
    await context.rescue.put(credential, pair, deadline.signal);
    return true;
  } finally {
    deadline.cancel();
  }
}
