import { applyTransition } from '../../credential/apply-transition.ts';
import type { CredentialRecord, SealedPair } from '../../credential/credential.ts';
import { indexed } from '../../credential/indexed.ts';
import { refreshAfterMs, scheduledAtMs } from '../../credential/schedule.ts';
import type { CredentialSettings } from '../../credential/settings.ts';
import { startChain } from '../../credential/transitions/chain.ts';
import type { Secret } from '../../secret/secret.ts';
import { ConflictError } from '../../table/table.ts';
import type { RefreshContext } from '../context.ts';

/** What registration hands over: the settings, and the refresh token that a person got from the provider. */
export interface Seed {
  readonly settings: CredentialSettings;
  /** Id of the new chain. Seeding the same chain again does nothing. */
  readonly chain: string;
  readonly lanes: number;
  /** Absent for a credential that logs in by itself. */
  readonly refreshToken?: Secret;
  /** When the life of the refresh token began and when it ends, where a person knows it. */
  readonly life?: SeedLife;
  /** The access token of the same pair, while it lives: the pair becomes current as it is, and nothing is spent. */
  readonly living?: LivingToken;
}

/** Epoch ms; absent: the life begins with the registration, and is as long as it was registered. */
export interface SeedLife {
  readonly issuedAtMs?: number;
  readonly expiresAtMs?: number;
}

export interface LivingToken {
  readonly accessToken: Secret;
  /** Epoch ms. */
  readonly expiresAtMs: number;
}

/** A new start for a registered credential. */
export type Reseed = Pick<Seed, 'chain' | 'refreshToken' | 'life'> & { readonly credential: string };

/**
 * Starts the first chain of a credential: its refresh token is in the ledger, sealed, before anything else
 * happens to it. A removed id goes on with its generations. Returns false if the id is registered already.
 * (of two that race, one is). Rejects with `StoreUnavailableError`.
 */
export async function seedChain(context: RefreshContext, seed: Seed): Promise<boolean> {
  const { settings, chain, lanes } = seed;
  const before = await context.ledger.load(settings.credential);
  if (before && before.state !== 'removed') return before.chain === chain;
  // Whoever removed it is still deleting its secrets, and would delete the new ones.
  if (before?.attempt && context.clock.nowMs() < before.attempt.leaseUntilMs) return false;
  const past = before?.generation ?? 0;
  // A pair that is taken over is a generation of its own: readers may hold a token of the one before.
  const generation = seed.living ? past + 1 : past;
  const nowMs = context.clock.nowMs();
  const pair = await seedPair(context, settings, generation, seed);
  const record: CredentialRecord = {
    ...settings,
    revision: (before?.revision ?? 0) + 1,
    writer: context.random.id(),
    state: 'active',
    chain,
    generation,
    pair,
    publication: { lanes, generation: past },
    // Registration makes the first refresh itself once all is in place; a tick does if it could not.
    refreshAtMs: seed.living ? scheduledAtMs(settings.mode, pair) : nowMs + context.timing.tickMs,
    reports: {},
    aside: { spares: [], past: [] },
    announced: { generation: past },
  };
  try {
    await context.ledger.save(indexed(record, context.timing));
    return true;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return (await context.ledger.load(settings.credential))?.chain === chain;
  }
}

/**
 * Starts a new chain of a registered credential, whatever became of the old one. An answer that is still on
 * its way to the old chain is kept aside. False if there is no such credential.
 */
export async function reseedChain(context: RefreshContext, reseed: Reseed): Promise<boolean> {
  const seen = await context.ledger.load(reseed.credential);
  if (!seen || seen.state === 'removed') return false;
  // Sealed anew when the generation moved meanwhile: a seal is bound to its generation.
  for (let record: CredentialRecord | undefined = seen; record?.chain !== reseed.chain; ) {
    if (!record || record.state === 'removed') return false;
    const pair = await seedPair(context, record, record.generation, reseed);
    const nowMs = context.clock.nowMs();
    record = await applyTransition(
      context,
      reseed.credential,
      (now) => (now.generation === pair.generation ? startChain(now, pair, nowMs) : undefined),
      record,
    );
  }
  return true;
}

/** A pair that has only a refresh token: due at once. Or one that lives, and is renewed when its time comes. */
function seedPair(
  context: RefreshContext,
  settings: CredentialSettings,
  generation: number,
  { chain, refreshToken, life, living }: Omit<Seed, 'settings' | 'lanes'>,
): Promise<SealedPair> {
  const nowMs = context.clock.nowMs();
  const { credential, scope } = settings;
  const times = {
    issuedAtMs: nowMs,
    expiresAtMs: Math.min(
      living?.expiresAtMs ?? nowMs,
      nowMs + (settings.accessTokenMaxMs ?? Number.POSITIVE_INFINITY),
    ),
    ...(refreshToken && seedLife(settings, life, nowMs, living !== undefined)),
  };
  return context.sealer.sealPair(
    credential,
    {
      ...{ chain, generation, attempt: chain, tokenType: 'Bearer' },
      ...(living && { scope }),
      ...times,
      refreshAfterMs: living ? refreshAfterMs(settings, { ...times, attempt: chain }) : nowMs,
    },
    { refreshToken, accessToken: living?.accessToken },
  );
}

/** The end of a seed: as a person knows it, or its registered life from when it began. */
function seedLife(
  { refreshTokenMs }: CredentialSettings,
  { issuedAtMs, expiresAtMs }: SeedLife = {},
  nowMs: number,
  lives: boolean,
): Pick<SealedPair, 'refreshTokenExpiresAtMs' | 'refreshTokenSinceMs'> {
  const sinceMs = issuedAtMs ?? nowMs;
  const endMs = expiresAtMs ?? (refreshTokenMs && Math.floor(sinceMs + refreshTokenMs));
  if (!endMs) return {};
  return {
    refreshTokenExpiresAtMs: endMs,
    // A pair that lives is renewed before half of what is left; a seed is due at once.
    ...(!lives && sinceMs < nowMs && { refreshTokenSinceMs: sinceMs }),
  };
}
