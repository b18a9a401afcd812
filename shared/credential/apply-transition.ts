import type { Clock } from '../clock/clock.ts';
import type { Timing } from '../config/timing.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Random } from '../random/random.ts';
import { ConflictError, StoreUnavailableError } from '../table/table.ts';
import type { CredentialRecord } from './credential.ts';
import { indexed } from './indexed.ts';
import { assertInvariants } from './invariants.ts';

const MAX_CONFLICTS = 20;
const CONFLICT_DELAY_MS = 20;

/**
 * The transitions of a credential, each a pure function from one record to the next, or undefined when there is
 * nothing to do (it was done already, or somebody else decided otherwise). Doing a transition twice is harmless:
 * a write that was resent, or applied again after a lost race, changes nothing.
 */
export type Transition = (record: CredentialRecord) => CredentialRecord | undefined;

export interface TransitionContext {
  readonly ledger: Ledger<CredentialRecord>;
  readonly clock: Clock;
  readonly random: Random;
  readonly timing: Timing;
}

/**
 * Applies a transition to the ledger and returns the record as it stands then; the caller looks at it to see
 * whether the transition took place. `seen`, when given, saves the first load. Undefined: no such credential.
 * Rejects with `StoreUnavailableError`: the transition may or may not have taken place; with `InvariantError` when it
 * would break what holds for every record: then nothing was saved.
 */
export async function applyTransition(
  context: TransitionContext,
  credential: string,
  decide: Transition,
  seen?: CredentialRecord,
): Promise<CredentialRecord | undefined> {
  const { ledger, clock, random, timing } = context;
  let record = seen ?? (await ledger.load(credential));
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
    if (!record) return undefined;
    const decided = decide(record);
    if (!decided) return record;
    assertInvariants(record, decided);
    const next = indexed({ ...decided, revision: record.revision + 1, writer: random.id() }, timing);
    try {
      await ledger.save(next);
      return next;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
    await clock.sleep(random.fraction() * CONFLICT_DELAY_MS * conflicts);
    record = await ledger.load(credential);
  }
  throw new StoreUnavailableError(
    `The credential ${credential} is contended: it changed ${MAX_CONFLICTS} times.`,
  );
}
