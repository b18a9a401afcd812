import { indexed } from '../credential/attention.ts';
import type { CredentialRecord, CredentialSettings } from '../credential/credential.ts';
import type { Secret } from '../secret/secret.ts';
import type { RefreshContext } from './context.ts';

/** What registration hands over: the settings, and the refresh token that a person got from the provider. */
export interface Seed {
  readonly settings: CredentialSettings;
  /** Id of the new chain. Seeding the same chain again does nothing. */
  readonly chain: string;
  readonly lanes: number;
  /** Absent for a credential that logs in by itself. */
  readonly refreshToken?: Secret;
}

/**
 * Starts the first chain of a credential: its refresh token is in the ledger, sealed, before anything else
 * happens to it. A removed id goes on with its generations. Returns false if the id is registered already.
 * Rejects with `StoreUnavailableError`, or `ConflictError` when two registrations race.
 */
export async function seedChain(context: RefreshContext, seed: Seed): Promise<boolean> {
  const { credential } = seed.settings;
  const before = await context.ledger.load(credential);
  if (before && before.state !== 'removed') return before.chain === seed.chain;
  const generation = before?.generation ?? 0;
  const nowMs = context.clock.nowMs();
  const pair = await context.sealer.sealPair(
    credential,
    {
      chain: seed.chain,
      generation,
      attempt: seed.chain,
      tokenType: 'Bearer',
      issuedAtMs: nowMs,
      expiresAtMs: nowMs,
      refreshAfterMs: nowMs,
      refreshTokenExpiresAtMs:
        seed.settings.refreshTokenMs && Math.floor(nowMs + seed.settings.refreshTokenMs),
    },
    { refreshToken: seed.refreshToken },
  );
  const record: CredentialRecord = {
    ...seed.settings,
    revision: (before?.revision ?? 0) + 1,
    writer: context.random.id(),
    state: 'active',
    chain: seed.chain,
    generation,
    pair,
    lanes: seed.lanes,
    publishedGeneration: generation,
    refreshAtMs: nowMs,
    spares: [],
    adopted: [],
    announced: { generation },
  };
  await context.ledger.save(indexed(record, context.timing));
  return true;
}
