import { timing } from '../../shared/config/timing.ts';
import type { Attempt, CredentialRecord, SealedPair } from '../../shared/credential/credential.ts';
import { indexed } from '../../shared/credential/indexed.ts';
import type { CredentialSettings } from '../../shared/credential/settings.ts';

/** When the record and the pair below were made (epoch ms). */
export const AT_MS = Date.UTC(2026, 0, 1);

const HOUR_MS = 3_600_000;

/** What is registered of `acme`, a credential of BS2 PRD. */
export function bs2Settings(overrides: Partial<CredentialSettings> = {}): CredentialSettings {
  return {
    credential: 'acme',
    provider: 'bs2',
    tokenUrl: 'https://provider.example/auth/oauth/v2/token',
    scope: 'fake-scope',
    grant: 'refresh_token',
    clientAuth: 'post',
    mode: 'fresh',
    publish: 'access',
    quota: { key: 'bs2', limit: 10, windowMs: 60_000 },
    defaultAccessTokenMs: 300_000,
    refreshTokenMs: 48 * HOUR_MS,
    extra: {},
    ...overrides,
  };
}

/** A BS2 PRD pair of chain `chain-1`, issued at {@link AT_MS}: 5 minutes, 48 hours. */
export function aPair(overrides: Partial<SealedPair> = {}): SealedPair {
  return {
    chain: 'chain-1',
    generation: 1,
    attempt: 'attempt-1',
    sealedAccess: 'fake-sealed-access-1',
    sealedRefresh: 'fake-sealed-refresh-1',
    tokenType: 'Bearer',
    scope: 'fake-scope',
    issuedAtMs: AT_MS,
    expiresAtMs: AT_MS + 300_000,
    refreshAfterMs: AT_MS + 150_000,
    refreshTokenExpiresAtMs: AT_MS + 48 * HOUR_MS,
    ...overrides,
  };
}

/** An active credential `acme` that stands at the pair of {@link aPair}, published and told of, as the ledger holds it. */
export function aRecord(overrides: Partial<CredentialRecord> = {}): CredentialRecord {
  const pair = aPair({ chain: overrides.chain ?? 'chain-1', generation: overrides.generation ?? 1 });
  const record: CredentialRecord = {
    ...bs2Settings(),
    revision: 1,
    writer: 'writer-1',
    state: 'active',
    chain: 'chain-1',
    generation: 1,
    pair,
    publication: published(overrides.generation ?? 1),
    refreshAtMs: pair.refreshAfterMs,
    reports: {},
    aside: { spares: [], past: [] },
    announced: { generation: overrides.generation ?? 1 },
    ...overrides,
  };
  return indexed(record, timing(1));
}

/** Twelve lanes, which hold `generation`. */
export function published(
  generation: number,
  more: Partial<CredentialRecord['publication']> = {},
): CredentialRecord['publication'] {
  return { lanes: 12, generation, ...more };
}

/** An attempt of somebody else, begun at `beganAtMs` on the given generation. */
export function anAttempt(
  beganAtMs: number,
  purpose: 'refresh' | 'publish' = 'refresh',
  generation = 1,
): Attempt {
  const [storeByMs, leaseUntilMs] = [beganAtMs + 50_000, beganAtMs + 60_000];
  return { id: 'attempt-2', purpose, generation, beganAtMs, storeByMs, leaseUntilMs };
}
