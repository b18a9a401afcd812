import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { assertInvariants, InvariantError } from '../../../shared/credential/invariants.ts';
import { AT_MS, anAttempt, aPair, aRecord, published } from '../../support/records.ts';

const record = aRecord();
const lapse = { atMs: AT_MS, reason: 'grant-refused', afterUnknown: false } as const;

describe('what holds for every record', () => {
  it('lets a correct transition pass', () => {
    assertInvariants(record, { ...record, generation: 2, pair: aPair({ generation: 2 }) });
    assertInvariants(record, { ...record, state: 'lapsed', lapse });
    assertInvariants(record, { ...record, state: 'removed', pair: undefined });
  });

  const broken: readonly (readonly [string, Partial<CredentialRecord>])[] = [
    ['another id', { credential: 'other' }],
    [
      'a generation that shrinks',
      { generation: 0, pair: aPair({ generation: 0 }), publication: published(0) },
    ],
    ['lapsed without a lapse', { state: 'lapsed' }],
    ['a lapse without being lapsed', { lapse }],
    ['removed with a pair', { state: 'removed' }],
    ['no pair', { pair: undefined }],
    ['a pair of another chain', { pair: aPair({ chain: 'chain-2' }) }],
    ['a pair of another generation', { pair: aPair({ generation: 2 }) }],
    ['published before it is current', { publication: published(2) }],
    ['no lane', { publication: published(1, { lanes: 0 }) }],
    [
      'a refresh that a removed credential begins',
      { state: 'removed', pair: undefined, attempt: anAttempt(AT_MS) },
    ],
  ];
  for (const [name, changes] of broken) {
    it(`refuses ${name}`, () => {
      assert.throws(() => assertInvariants(record, { ...record, ...changes }), InvariantError);
    });
  }
});
