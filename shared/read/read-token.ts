import type { Clock } from '../clock/clock.ts';
import type { Timing } from '../config/timing.ts';
import type { CredentialRecord, SealedPair } from '../credential/credential.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { RefreshService } from '../refresh-service/refresh-service.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Secret } from '../secret/secret.ts';
import { ReadError } from './read-error.ts';

export interface ReadContext {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly ledger: Pick<Ledger<CredentialRecord>, 'load'>;
  readonly sealer: Pick<Sealer, 'accessToken'>;
  readonly refreshService: Pick<RefreshService, 'refresh'>;
}

export interface ReadRequest {
  readonly credential: string;
  /** The token must live at least this long; up to half a life. */
  readonly minTtlMs?: number;
  /** The provider answered 401 to this generation. */
  readonly refusedGeneration?: number;
}

/** A token that is good now. */
export interface CurrentToken {
  readonly accessToken: Secret;
  readonly pair: SealedPair;
}

const LOOK_AGAIN_MS = 100;

/**
 * The current access token: waits out a refresh in flight, asks for one when there is nothing to serve.
 * Rejects with {@link ReadError}, or `StoreUnavailableError` when the ledger or the vault cannot be read.
 */
export async function readToken(context: ReadContext, request: ReadRequest): Promise<CurrentToken> {
  const { clock, timing } = context;
  const minTtlMs = request.minTtlMs ?? 0;
  const untilMs = clock.nowMs() + timing.readWaitMs;
  let record = await settled(context, await load(context, request.credential), untilMs);
  if (minTtlMs > halfLifeMs(record.pair)) throw ReadError.minTtlUnattainable(halfLifeMs(record.pair));
  const wish = wishFor(record, request, clock.nowMs(), minTtlMs);
  if (wish && record.state === 'active') {
    await context.refreshService.refresh({ ...wish, waitMs: Math.max(0, untilMs - clock.nowMs()) });
    record = await settled(context, await load(context, request.credential), untilMs);
  }
  return serve(context, record, minTtlMs);
}

async function load(context: ReadContext, credential: string): Promise<CredentialRecord> {
  const record = await context.ledger.load(credential);
  if (!record || record.state === 'removed') throw ReadError.unknownCredential(credential);
  return record;
}

/** While an attempt on the current generation is in flight, its token may die at any moment. */
async function settled(
  context: ReadContext,
  first: CredentialRecord,
  untilMs: number,
): Promise<CredentialRecord> {
  let record = first;
  while (isInFlight(record, context.clock.nowMs()) && context.clock.nowMs() < untilMs) {
    await context.clock.sleep(LOOK_AGAIN_MS);
    record = await load(context, first.credential);
  }
  return record;
}

function isInFlight({ attempt, generation }: CredentialRecord, nowMs: number): boolean {
  return attempt?.purpose === 'refresh' && attempt.generation === generation && nowMs < attempt.leaseUntilMs;
}

function wishFor(record: CredentialRecord, request: ReadRequest, nowMs: number, minTtlMs: number) {
  const { credential, generation } = record;
  if (request.refusedGeneration === generation)
    return { credential, ifGeneration: generation, refused: true };
  const lacking = !record.pair?.sealedAccess || record.pair.expiresAtMs - nowMs <= minTtlMs;
  return lacking ? { credential, ifGeneration: generation } : undefined;
}

async function serve(
  context: ReadContext,
  record: CredentialRecord,
  minTtlMs: number,
): Promise<CurrentToken> {
  const { clock, timing, sealer } = context;
  const { credential, pair, state } = record;
  const ttlMs = (pair?.expiresAtMs ?? 0) - clock.nowMs();
  if (pair && ttlMs > 0 && (ttlMs >= minTtlMs || state !== 'active')) {
    const accessToken = await sealer.accessToken(credential, pair);
    if (accessToken) return { accessToken, pair };
  }
  if (state === 'lapsed') throw ReadError.lapsed(credential);
  if (state === 'paused') throw ReadError.paused(credential);
  throw ReadError.refreshPending(credential, Math.max(record.refreshAtMs - clock.nowMs(), timing.tickMs / 4));
}

function halfLifeMs(pair: SealedPair | undefined): number {
  return pair?.sealedAccess ? (pair.expiresAtMs - pair.issuedAtMs) / 2 : Number.POSITIVE_INFINITY;
}
