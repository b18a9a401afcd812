import assert from 'node:assert/strict';
import type { Transition } from '../../../shared/credential/apply-transition.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';

/** The move took place, and doing it again changes nothing. */
export function once(decide: Transition, record: CredentialRecord): CredentialRecord {
  const next = decide(record);
  assert.ok(next, 'the move should take place');
  assert.equal(decide(next), undefined, 'the move should take place once');
  return next;
}
