import { applyTransition } from '../../credential/apply-transition.ts';
import type { Attempt, CredentialRecord, SealedPair } from '../../credential/credential.ts';
import { refreshAfterMs } from '../../credential/schedule.ts';
import { endAttempt, fail } from '../../credential/transitions/attempt.ts';
import { errorFields } from '../../log/log.ts';
import type { UnsealedPair } from '../../sealing/sealer.ts';
import type { Secret } from '../../secret/secret.ts';
import type { Outcome, TokenResponse } from '../../token-endpoint/token-endpoint.ts';
import type { Invocation, RefreshContext, RefreshResult } from '../context.ts';
import { backoffMs } from '../outcome/backoff.ts';
import { pullForward } from '../outcome/pull-forward.ts';
import { chooseNetwork } from './choose-network.ts';
import { publishAndFinish } from './publish-pair.ts';
import { refreshTokenLife } from './refresh-token-life.ts';
import { storePair } from './store-pair.ts';

/** The tokens an answer brought: usually both. */
export type NewTokens = Omit<TokenResponse, 'accessToken'> & Partial<Pick<TokenResponse, 'accessToken'>>;

/** A post that brought tokens. `sentAtMs` is wall time, `startMs` (the attempt's start) monotonic. */
export interface Answered {
  readonly begun: CredentialRecord;
  readonly attempt: Attempt;
  readonly tokens: NewTokens;
  /** The refresh token that was posted; absent for a login. */
  readonly posted?: Secret;
  /** The network that the token must choose, where it must. */
  readonly network?: string;
  readonly sentAtMs: number;
  readonly startMs: number;
}

type Success = Extract<Outcome, { kind: 'success' }>;
type HalfGarbled = Extract<Outcome, { kind: 'garbled' }> & { readonly refreshToken: Secret };

/** True if there is something to store: a garbled answer may still have brought the refresh token. */
export function broughtTokens(outcome: Outcome): outcome is Success | HalfGarbled {
  return outcome.kind === 'success' || (outcome.kind === 'garbled' && outcome.refreshToken !== undefined);
}

/** The tokens of an outcome that brought some. */
export function tokensOf(outcome: Success | HalfGarbled): NewTokens {
  if (outcome.kind === 'success') return outcome.response;
  return { refreshToken: outcome.refreshToken, tokenType: 'Bearer' };
}

/** Seals, stores and publishes what a post brought, and ends the attempt. From here on nothing may be lost. */
export async function storeAndPublish(
  context: RefreshContext,
  invocation: Invocation,
  answered: Answered,
): Promise<RefreshResult> {
  const { begun, tokens, posted } = answered;
  const { sealer } = context;
  const { credential } = begun;
  const pair = await sealer.sealPair(credential, nextPair(answered), {
    accessToken: tokens.accessToken,
    // RFC 6749 §6: a server that does not rotate leaves the old one good.
    refreshToken: tokens.refreshToken ?? posted,
  });
  const { accessToken } = tokens;
  if (begun.networkUrl !== undefined && accessToken) {
    const failed = await chooseNetwork(context, { ...answered, pair, accessToken });
    if (failed) return failed;
  }
  return storeSealed(context, invocation, answered, pair);
}

/** Stores and publishes a sealed pair, and ends the attempt. */
export async function storeSealed(
  context: RefreshContext,
  invocation: Invocation,
  { begun, attempt, startMs }: Pick<Answered, 'begun' | 'attempt' | 'startMs'>,
  pair: SealedPair,
): Promise<RefreshResult> {
  const { clock, timing } = context;
  const { credential } = begun;
  const stored = await storePair(context, invocation, credential, pair, startMs + timing.storeByMs, begun);
  switch (stored.where) {
    case 'current': {
      const done = await publishAndFinish(context, stored.record, attempt.id, startMs + timing.publishByMs);
      if (!pair.sealedAccess) return goOnWithoutAccess(context, stored.record, begun);
      await pullForward(context, begun);
      return done;
    }
    case 'aside':
      await noted(context, () =>
        applyTransition(context, credential, (now) => endAttempt(now, attempt.id), stored.record),
      );
      return { result: 'waiting', reason: 'superseded', generation: stored.record.generation };
    case 'rescue':
    case 'memory':
      return { result: 'unstored', reason: stored.where, againAtMs: clock.nowMs() };
    case 'removed':
      return { result: 'unknown-credential' };
  }
}

/** Only the refresh token came: the access token is asked for at once the first time, then with patience. */
async function goOnWithoutAccess(
  context: RefreshContext,
  record: CredentialRecord,
  begun: CredentialRecord,
): Promise<RefreshResult> {
  const { clock, timing, random } = context;
  const { credential, generation } = record;
  const failures = begun.failure?.count ?? 0;
  const atMs = clock.nowMs();
  const againAtMs = failures === 0 ? atMs : atMs + backoffMs(failures, timing, random.fraction());
  const failure = { outcome: 'garbled', reason: 'no-access-token', atMs, retryAtMs: againAtMs } as const;
  await noted(context, () =>
    applyTransition(context, credential, (now) =>
      now.generation === generation ? fail(now, failure) : undefined,
    ),
  );
  return { result: 'failed', reason: 'garbled', generation, againAtMs };
}

/** The pair is safe: what the ledger does not take now shows at the next tick. */
async function noted({ log }: RefreshContext, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    log.warn('outcome not noted', errorFields(error));
  }
}

/** RFC 6749, appendix A.12: the visible characters of ASCII, and the blank. */
function isPrintable(accessToken: Secret): boolean {
  return /^[\x20-\x7e]+$/.test(accessToken.reveal());
}

/** The pair of an answer, without its tokens. Times count from when the request was sent. */
function nextPair({ begun, attempt, tokens, posted, sentAtMs }: Answered): UnsealedPair {
  const life = accessTokenLife(begun, tokens);
  // Some servers that do not rotate send the old refresh token along.
  const isReplaced = tokens.refreshToken?.reveal() !== posted?.reveal();
  const times = {
    attempt: attempt.id,
    issuedAtMs: sentAtMs,
    expiresAtMs: Math.floor(sentAtMs + life.lifeMs),
    ...refreshTokenLife(begun, isReplaced ? tokens : { ...tokens, refreshToken: undefined }, sentAtMs),
  };
  return {
    chain: begun.chain,
    generation: attempt.generation + 1,
    tokenType: tokens.tokenType,
    scope: tokens.scope ?? begun.scope,
    ...fieldsOf(begun, tokens),
    ...times,
    refreshAfterMs: refreshAfterMs(begun, times),
    ...(life.statedMs !== undefined && { statedLifeMs: life.statedMs }),
    ...(tokens.accessToken && !isPrintable(tokens.accessToken) && { unprintable: true as const }),
  };
}

/** Most bytes of published members: with both tokens, a published value must stay within 64 KiB. */
const MOST_FIELD_BYTES = 8 * 1024;

/** The chosen members of the answer. One that an answer does not repeat keeps its last value. */
function fieldsOf(
  { fields = [], loginFields, pair }: CredentialRecord,
  tokens: NewTokens,
): Pick<UnsealedPair, 'fields'> {
  if (fields.length === 0) return loginFields ? { fields: loginFields } : {};
  const chosen = new Set(fields);
  const kept = Object.entries(pair?.fields ?? {}).filter(([name]) => chosen.has(name));
  const known = { ...loginFields, ...Object.fromEntries(kept), ...tokens.fields?.pick(fields) };
  return Buffer.byteLength(JSON.stringify(known)) > MOST_FIELD_BYTES ? {} : { fields: known };
}

/**
 * How long the access token lives. What the answer states counts, then what an answer stated last, then what was
 * registered; what a person registered is the most that is believed. A stated life of 0 is none: it is never served.
 */
function accessTokenLife(
  { pair, defaultAccessTokenMs, accessTokenMaxMs = Number.POSITIVE_INFINITY }: CredentialRecord,
  { accessToken, expiresInSeconds }: NewTokens,
): { readonly lifeMs: number; readonly statedMs?: number } {
  const saidMs = expiresInSeconds === undefined ? undefined : expiresInSeconds * 1000;
  const statedMs = saidMs || pair?.statedLifeMs;
  if (!accessToken) return { lifeMs: 0, statedMs };
  return { lifeMs: Math.min(saidMs ?? statedMs ?? defaultAccessTokenMs, accessTokenMaxMs), statedMs };
}
