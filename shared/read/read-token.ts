import type { Clock } from '../clock/clock.ts';
import type { Timing } from '../config/timing.ts';
import type { CredentialRecord, SealedPair } from '../credential/credential.ts';
import type { Ledger } from '../ledger/ledger.ts';
import {
  type RefreshRequest,
  type RefreshService,
  RefreshServiceError,
} from '../refresh-service/refresh-service.ts';
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
 * The current access token: waits out a refresh in flight, asks for one when there is nothing to serve, and
 * serves what is unexpired however badly that goes. Rejects with {@link ReadError}, with
 * `StoreUnavailableError` when the ledger or the vault cannot be read, or with `RefreshServiceError`.
 */
export async function readToken(context: ReadContext, request: ReadRequest): Promise<CurrentToken> {
  const { clock, timing } = context;
  const minTtlMs = request.minTtlMs ?? 0;
  const untilMs = clock.nowMs() + timing.readWaitMs;
  let record = await settled(context, await load(context, request.credential), untilMs);
  assertAttainable(record, minTtlMs);
  let trouble: RefreshServiceError | undefined;
  const wish = wishFor(record, request, clock.nowMs(), minTtlMs);
  if (wish && record.state === 'active') {
    trouble = await ask(context, wish, untilMs);
    record = await settled(context, await load(context, request.credential), untilMs);
    assertAttainable(record, minTtlMs);
  }
  const token = await serve(context, record, minTtlMs);
  if (token) return token;
  throw (record.state === 'active' ? trouble : undefined) ?? refusal(context, record);
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

/** Asks for a refresh and waits no longer than the reader can; the refresh goes on without it. */
async function ask(
  context: ReadContext,
  wish: Omit<RefreshRequest, 'waitMs'>,
  untilMs: number,
): Promise<RefreshServiceError | undefined> {
  const { clock, refreshService } = context;
  const waitMs = Math.max(0, untilMs - clock.nowMs());
  const answered = new AbortController();
  try {
    const refreshing = refreshService.refresh({ ...wish, waitMs });
    await Promise.race([refreshing, clock.sleep(waitMs, answered.signal)]);
    return undefined;
  } catch (error) {
    if (error instanceof RefreshServiceError) return error;
    throw error;
  } finally {
    answered.abort();
  }
}

async function serve(
  context: ReadContext,
  record: CredentialRecord,
  minTtlMs: number,
): Promise<CurrentToken | undefined> {
  const { credential, pair, state } = record;
  const ttlMs = (pair?.expiresAtMs ?? 0) - context.clock.nowMs();
  if (!pair || ttlMs <= 0 || (ttlMs < minTtlMs && state === 'active')) return undefined;
  const accessToken = await context.sealer.accessToken(credential, pair);
  return accessToken && { accessToken, pair };
}

function refusal({ clock, timing }: ReadContext, record: CredentialRecord): ReadError {
  const { credential, state } = record;
  if (state === 'lapsed') return ReadError.lapsed(credential);
  if (state === 'paused') return ReadError.paused(credential);
  const waitMs = Math.max(record.refreshAtMs - clock.nowMs(), timing.tickMs / 4);
  return ReadError.refreshPending(credential, waitMs);
}

function assertAttainable({ pair }: CredentialRecord, minTtlMs: number): void {
  const halfMs = halfLifeMs(pair);
  if (minTtlMs > halfMs) throw ReadError.minTtlUnattainable(halfMs);
}

function halfLifeMs(pair: SealedPair | undefined): number {
  return pair?.sealedAccess ? (pair.expiresAtMs - pair.issuedAtMs) / 2 : Number.POSITIVE_INFINITY;
}
