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
import { StoreUnavailableError } from '../table/table.ts';
import { isExpired } from './expiry.ts';
import { ReadError } from './read-error.ts';
import type { CurrentToken, TokenMemory } from './token-memory.ts';
import { waitOut } from './wait-out.ts';

export interface ReadContext {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly ledger: Pick<Ledger<CredentialRecord>, 'load'>;
  readonly sealer: Pick<Sealer, 'accessToken'>;
  readonly refreshService: Pick<RefreshService, 'refresh'>;
  readonly memory: TokenMemory;
}

export interface ReadRequest {
  readonly credential: string;
  /** The token must live at least this long; up to half a life. */
  readonly minTtlMs?: number;
  /** The provider answered 401 to this generation. */
  readonly refusedGeneration?: number;
}

/**
 * The current access token: waits out a refresh in flight, asks for one when there is nothing to serve, and
 * serves what is unexpired however badly that goes. While a store is away, the container's memory stands in for as
 * long as `refresh_after` promises. Rejects with {@link ReadError}, with `StoreUnavailableError` when the ledger or
 * the vault cannot be read and memory does not help, or with `RefreshServiceError`.
 */
export async function readToken(context: ReadContext, request: ReadRequest): Promise<CurrentToken> {
  try {
    return await readCurrent(context, request);
  } catch (error) {
    const held = error instanceof StoreUnavailableError ? remembered(context, request) : undefined;
    if (held) return held;
    throw error;
  }
}

async function readCurrent(context: ReadContext, request: ReadRequest): Promise<CurrentToken> {
  const { clock, timing } = context;
  const minTtlMs = request.minTtlMs ?? 0;
  const untilMs = clock.nowMs() + timing.readWaitMs;
  const look = () => waitOut(clock, () => load(context, request.credential), untilMs);
  let record = await look();
  assertAttainable(record.pair, minTtlMs);
  let asked: Asked = {};
  const wanted = refreshWanted(context, record, request);
  if (wanted && record.state === 'active') {
    asked = await ask(context, wanted, untilMs);
    record = await look();
    assertAttainable(record.pair, minTtlMs);
  }
  const token = await serve(context, record, minTtlMs);
  if (token) return token;
  throw (record.state === 'active' ? asked.trouble : undefined) ?? refusal(context, record, asked.againAtMs);
}

/** What this container served last, unless it is the very token that the caller had refused. */
function remembered({ memory, clock }: ReadContext, request: ReadRequest): CurrentToken | undefined {
  const held = memory.withinPromise(request.credential, clock.nowMs());
  if (!held || held.pair.generation === request.refusedGeneration) return undefined;
  assertAttainable(held.pair, request.minTtlMs ?? 0);
  return held;
}

/** The record as of now; what memory holds of an older pair is forgotten. */
async function load(context: ReadContext, credential: string): Promise<CredentialRecord> {
  const record = await context.ledger.load(credential);
  context.memory.accessToken(credential, record?.pair);
  if (!record || record.state === 'removed') throw ReadError.unknownCredential(credential);
  return record;
}

function refreshWanted({ clock, timing }: ReadContext, record: CredentialRecord, request: ReadRequest) {
  const { credential, generation } = record;
  const nowMs = clock.nowMs();
  if (request.refusedGeneration === generation)
    return { credential, ifGeneration: generation, refused: true };
  const { pair } = record;
  const isEnough = pair?.sealedAccess && pair.expiresAtMs - nowMs > (request.minTtlMs ?? 0);
  return !isEnough || isExpired(pair, nowMs, timing) ? { credential, ifGeneration: generation } : undefined;
}

interface Asked {
  readonly trouble?: RefreshServiceError;
  /** When the refresh function expects to be able to do more. */
  readonly againAtMs?: number;
}

/** Asks for a refresh and waits no longer than the reader can; the refresh goes on without it. */
async function ask(
  { clock, refreshService }: ReadContext,
  wanted: Omit<RefreshRequest, 'waitMs'>,
  untilMs: number,
): Promise<Asked> {
  const waitMs = Math.max(0, untilMs - clock.nowMs());
  const answered = new AbortController();
  try {
    const refreshing = refreshService.refresh({ ...wanted, waitMs });
    const refreshed = await Promise.race([refreshing, clock.sleep(waitMs, answered.signal)]);
    return { againAtMs: refreshed?.againAtMs };
  } catch (error) {
    if (error instanceof RefreshServiceError) return { trouble: error };
    throw error;
  } finally {
    answered.abort();
  }
}

async function serve(
  { clock, timing, memory, sealer }: ReadContext,
  record: CredentialRecord,
  minTtlMs: number,
): Promise<CurrentToken | undefined> {
  const { credential, state, userAgent } = record;
  // While the first refresh of a reseed is on its way, the token of the chain before still lives.
  const pair = latestWithAccess(record);
  const isGood = (candidate: SealedPair) => {
    const nowMs = clock.nowMs();
    const isEnough = candidate.expiresAtMs - nowMs >= minTtlMs || state !== 'active';
    return isEnough && !isExpired(candidate, nowMs, timing);
  };
  if (!pair || !isGood(pair)) return undefined;
  const accessToken = memory.accessToken(credential, pair) ?? (await sealer.accessToken(credential, pair));
  // Opening it may have had to wait for the vault.
  if (!accessToken || !isGood(pair)) return undefined;
  if (mayBeDead(record) || pair !== record.pair) {
    memory.forget(credential);
    const refreshAfterMs = Math.min(pair.refreshAfterMs, clock.nowMs());
    return { accessToken, pair: { ...pair, refreshAfterMs }, ...(userAgent !== undefined && { userAgent }) };
  }
  const token = { accessToken, pair, ...(userAgent !== undefined && { userAgent }) };
  memory.hold(credential, token);
  return token;
}

/** The current pair, or while it is a seed the latest one before it that has an access token. */
function latestWithAccess({ pair, aside: { previous } }: CredentialRecord): SealedPair | undefined {
  if (pair?.sealedAccess) return pair;
  for (let chain = previous; chain; chain = chain.before) if (chain.pair.sealedAccess) return chain.pair;
  return pair;
}

/**
 * Somebody is replacing it, or may have done so: it is served for want of a better one, and not to be held. An
 * attempt that outlives its lease has ended without a trace, and nobody knows yet what it did.
 */
function mayBeDead({ attempt, generation, doubt }: CredentialRecord): boolean {
  return doubt !== undefined || (attempt?.purpose === 'refresh' && attempt.generation === generation);
}

function refusal({ clock, timing }: ReadContext, record: CredentialRecord, againAtMs = 0): ReadError {
  const { credential, state } = record;
  if (state === 'lapsed') return ReadError.lapsed(credential);
  if (state === 'paused') return ReadError.paused(credential);
  const nowMs = clock.nowMs();
  // A reader's request is not bound to the schedule, which for an on-demand credential may be hours away.
  const scheduledAtMs = record.mode === 'on-demand' ? 0 : record.refreshAtMs;
  const expectedAtMs = Math.max(record.failure?.retryAtMs ?? scheduledAtMs, againAtMs);
  return ReadError.refreshPending(credential, Math.max(expectedAtMs - nowMs, timing.tickMs / 4));
}

function assertAttainable(pair: SealedPair | undefined, minTtlMs: number): void {
  const halfMs = pair?.sealedAccess ? (pair.expiresAtMs - pair.issuedAtMs) / 2 : Number.POSITIVE_INFINITY;
  if (minTtlMs > halfMs) throw ReadError.minTtlUnattainable(halfMs);
}
