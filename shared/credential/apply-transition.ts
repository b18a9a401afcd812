import type { Clock } from '../clock/clock.ts';
import type { Timing } from '../config/timing.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Random } from '../random/random.ts';
import { updateItem } from '../table/update-item.ts';
import type { CredentialRecord } from './credential.ts';
import { withOutcome } from './history.ts';
import { indexed } from './indexed.ts';
import { assertInvariants } from './invariants.ts';

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
  return updateItem({
    table: ledger,
    clock,
    random,
    key: credential,
    seen,
    what: `The credential ${credential}`,
    decide: (record) => {
      const decided = record && decide(record);
      if (!decided) return undefined;
      assertInvariants(record, decided);
      return indexed(withOutcome(record, decided, clock.nowMs()), timing);
    },
  });
}
