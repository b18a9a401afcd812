import { applyTransition } from '../../credential/apply-transition.ts';
import { type CredentialRecord, keptBy, type SealedPair } from '../../credential/credential.ts';
import { withChange } from '../../credential/history.ts';
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
  /** Who gives it, as they say. */
  readonly by?: string;
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
export interface Reseed extends Pick<Seed, 'chain' | 'refreshToken' | 'life' | 'by'> {
  readonly credential: string;
  /** How long an attempt in flight is waited for; absent: the new chain begins beside it. */
  readonly waitMs?: number;
}

/** What became of a reseed. `in-flight`: a refresh went on for longer than was waited for, and nothing was changed. */
export type ReseedResult =
  | { readonly result: 'begun' | 'unknown-credential' }
  | { readonly result: 'in-flight'; readonly untilMs: number };

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
    ...(before?.history && { history: before.history }),
  };
  try {
    const noted = withChange(record, { atMs: nowMs, change: 'registered', by: seed.by }) ?? record;
    await context.ledger.save(indexed(noted, context.timing));
    return true;
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return (await context.ledger.load(settings.credential))?.chain === chain;
  }
}

/** How often an attempt in flight is looked at: as a rule it ends within a second or two. */
const LOOK_AGAIN_MS = 250;

/**
 * Starts a new chain of a registered credential, whatever became of the old one. An attempt in flight is waited for:
 * its answer belongs to the chain that is gone back to if the new refresh token brings nothing. What comes later is
 * kept aside. Rejects with `StoreUnavailableError`.
 */
export async function reseedChain(context: RefreshContext, reseed: Reseed): Promise<ReseedResult> {
  const { clock, ledger } = context;
  const { credential, chain, waitMs } = reseed;
  const untilMs = clock.nowMs() + (waitMs ?? 0);
  const isBusy = (now: CredentialRecord) =>
    waitMs !== undefined && inFlightUntilMs(now, clock.nowMs()) !== undefined;
  let record = await ledger.load(credential);
  while (record?.chain !== chain) {
    if (!record || record.state === 'removed') return { result: 'unknown-credential' };
    if (isBusy(record)) {
      const leaseMs = await attemptInFlight(context, credential, untilMs);
      if (leaseMs !== undefined) return { result: 'in-flight', untilMs: leaseMs };
      record = await ledger.load(credential);
      continue;
    }
    // Sealed anew when the generation moved meanwhile: a seal is bound to its generation.
    const pair = await seedPair(context, record, record.generation, reseed);
    const nowMs = clock.nowMs();
    const begin = (now: CredentialRecord) =>
      now.generation === pair.generation && !isBusy(now)
        ? withChange(startChain(now, pair, nowMs), { atMs: nowMs, change: 'reseeded', by: reseed.by })
        : undefined;
    record = await applyTransition(context, credential, begin, record);
  }
  return { result: 'begun' };
}

/** Waits until `untilMs` at most for an attempt in flight to end. Gives the end of its lease; undefined: none is in flight. */
export async function attemptInFlight(
  { clock, ledger }: RefreshContext,
  credential: string,
  untilMs: number,
): Promise<number | undefined> {
  for (;;) {
    const record = await ledger.load(credential);
    const leaseMs = record && inFlightUntilMs(record, clock.nowMs());
    if (leaseMs === undefined || clock.nowMs() >= untilMs) return leaseMs;
    await clock.sleep(Math.min(LOOK_AGAIN_MS, leaseMs - clock.nowMs()));
  }
}

/** Until when a refresh may be on its way of which nothing is stored; undefined: none is. */
function inFlightUntilMs(record: CredentialRecord, nowMs: number): number | undefined {
  const { attempt } = record;
  const isRefresh = attempt?.purpose === 'refresh' && !keptBy(record, attempt.id);
  return isRefresh && nowMs < attempt.leaseUntilMs ? attempt.leaseUntilMs : undefined;
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
