import type { CredentialRecord } from '../../shared/credential/credential.ts';

/** What a write to the ledger does to the record, in a word. */
export function transitionName(before: CredentialRecord | undefined, after: CredentialRecord): string {
  if (!before) return 'register';
  if (after.state === 'lapsed' && before.state !== 'lapsed') return 'lapse';
  if (after.chain !== before.chain) return 'new chain';
  if (after.generation > before.generation) return before.attempt && after.attempt ? 'keep' : 'adopt';
  if (after.attempt && after.attempt.id !== before.attempt?.id) return `begin ${after.attempt.purpose}`;
  if (before.attempt && !after.attempt) return after.failure !== before.failure ? 'fail' : 'finish';
  if (after.aside.spares.length > before.aside.spares.length) return 'put aside';
  if (after.pair?.sealedRefresh !== before.pair?.sealedRefresh) return 'reseal';
  return 'note';
}
