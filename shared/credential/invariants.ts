import type { CredentialRecord } from './credential.ts';

/** A transition made a record that no correct one makes. Nothing was saved. */
export class InvariantError extends Error {
  readonly code = 'invariant-violated';
  override readonly name = 'InvariantError';
  readonly invariant: string;

  constructor(credential: string, invariant: string) {
    super(`The record of ${credential} would break an invariant: ${invariant}.`);
    this.invariant = invariant;
  }
}

/**
 * Throws {@link InvariantError} if `after` cannot follow `before`: a bug stops here and not in a lost chain. What
 * holds for every record, whatever the transition was.
 */
export function assertInvariants(before: CredentialRecord, after: CredentialRecord): void {
  const { pair, state, generation } = after;
  const invariants: readonly (readonly [string, boolean])[] = [
    ['the id never changes', after.credential === before.credential],
    // Of one that was damaged nobody knows what it was.
    ['the generation only grows', !(generation < before.generation)],
    [
      'a lapsed credential has a lapse, and no other has one',
      (state === 'lapsed') === (after.lapse !== undefined),
    ],
    [
      'a removed credential has no pair, and every other has one',
      (state === 'removed') === (pair === undefined),
    ],
    ['the pair is of this chain', pair === undefined || pair.chain === after.chain],
    ['the pair is of this generation', pair === undefined || pair.generation === generation],
    ['no generation is published before it is current', after.publication.generation <= generation],
    ['lanes never become fewer than one', after.publication.lanes >= 1],
    ['a removed credential begins no refresh', !isRefreshBegun(before, after)],
  ];
  const broken = invariants.find(([, holds]) => !holds);
  if (broken) throw new InvariantError(after.credential, broken[0]);
}

/** A removed credential begins no refresh. */
function isRefreshBegun(before: CredentialRecord, { state, attempt }: CredentialRecord): boolean {
  return state === 'removed' && attempt?.purpose === 'refresh' && attempt.id !== before.attempt?.id;
}
