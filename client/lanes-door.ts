import { setTimeout as delay } from 'node:timers/promises';
import { laneAt, laneBefore, MAX_LANES, slotBeforeStartMs } from '../shared/vault/lanes.ts';
import { type PublishedToken, parsePublished } from './published-token.ts';
import { type Door, newToken, type Token, type TokenNeed } from './token.ts';
import { TokenError } from './token-error.ts';
import { isNewer } from './token-order.ts';

interface LanesOptions {
  readonly credential: string;
  /** `hml` or `prd`. */
  readonly env: string;
  /** The text of the secret of this name; undefined if there is none. Rejects when it cannot be had. */
  readonly readSecret: (name: string, signal?: AbortSignal) => Promise<string | undefined>;
  /** What to do about a token that the provider refused. Without it, the lanes are only read again. */
  readonly refused?: Door['refused'];
  readonly nowMs?: () => number;
  /** The day that lanes divide; shorter on a local stack whose time is scaled. */
  readonly dayMs?: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Near the turn of a slot the publisher's clock may be in the next one already. */
const CLOCK_SKEW_MS = 2000;
const LOOK_AGAIN_MS = 250;
const MOST_LOOKS = 4;

/**
 * Reads the published secrets: the lane of the slot and the one before, the newer token wins. When that has expired,
 * was issued before the slot before this one began, or tells of another number of lanes, all lanes are read: its
 * successor may lie in a lane that its slot has left, or in one that another number leads to. A secret that nobody has read yet costs one read more, which tells how many lanes there are.
 */
export function lanesDoor(options: LanesOptions): Door {
  const { credential, env, readSecret, nowMs = Date.now, dayMs = DAY_MS, sleep = delay } = options;
  /** As the newest value says: they become more with shorter lifetimes, and fewer with longer ones. */
  let lanes: number | undefined;

  const read = async (lane: number, signal?: AbortSignal): Promise<PublishedToken | undefined> => {
    const text = await readSecret(`renova/${env}/${credential}/token/${lane}`, signal);
    return text === undefined ? undefined : parsePublished(text);
  };
  const valuesOf = async (which: Iterable<number>, signal?: AbortSignal): Promise<PublishedToken[]> => {
    const values = await Promise.all(Array.from(which, (lane) => read(lane, signal)));
    return values.filter((value) => value !== undefined);
  };
  const bestOf = (values: readonly PublishedToken[]): PublishedToken | undefined => {
    const best = values.reduce<PublishedToken | undefined>(
      (one, two) => better(one, two, nowMs()),
      undefined,
    );
    lanes = best?.lanes ?? lanes;
    return best;
  };
  const newest = async (which: Iterable<number>, signal?: AbortSignal): Promise<PublishedToken | undefined> =>
    bestOf(await valuesOf(which, signal));
  const lanesKnown = async (signal?: AbortSignal): Promise<number> => {
    if (lanes !== undefined) return lanes;
    const text = await readSecret(`renova/${env}/${credential}/token/0`, signal);
    if (text === undefined) throw unknownCredential(credential);
    return parsePublished(text)?.lanes ?? MAX_LANES;
  };
  const current = async (signal?: AbortSignal): Promise<PublishedToken | undefined> => {
    const known = await lanesKnown(signal);
    const atMs = nowMs();
    const near = nearLanes(atMs, known, dayMs);
    const values = await valuesOf(near, signal);
    const best = bestOf(values);
    // One that is newer and has expired: its successor lies elsewhere.
    const isReplaced = values.some((value) => best && value !== best && isNewer(value, best));
    if (best && (best.lanes !== known || isReplaced)) return newest(range(0, MAX_LANES), signal);
    const isOld = (best?.issuedAtMs ?? atMs) < slotBeforeStartMs(atMs, known, dayMs);
    if (isLive(best, nowMs()) && (!isOld || near.size === known)) return best;
    const all = await newest(range(0, known), signal);
    // Nothing was published for long, or the lanes became more: those beyond the known ones may be there.
    return isLive(all, nowMs()) ? all : newest(range(known, MAX_LANES), signal);
  };
  const given = (value: PublishedToken | undefined, minTtlSeconds = 0): Token => {
    const ttlMs = (value?.expiresAtMs ?? 0) - nowMs();
    if (!value || !isLive(value, nowMs()) || ttlMs < minTtlSeconds * 1000) throw noLiveToken(credential);
    const { accessToken, lanes: _, ...rest } = value;
    return newToken(accessToken, rest);
  };
  const ask = async ({ minTtlSeconds, signal }: TokenNeed): Promise<Token> =>
    given(await current(signal), minTtlSeconds);
  /** The provider may have replaced the token a moment ago, and the next one is still being published. */
  const askForOther = async (refused: Token, need: TokenNeed): Promise<Token> => {
    let token = await ask(need);
    for (let looks = 1; token.accessToken === refused.accessToken && looks < MOST_LOOKS; looks += 1) {
      await sleep(LOOK_AGAIN_MS);
      token = looks === 1 ? given(await newest(range(0, MAX_LANES), need.signal)) : await ask(need);
    }
    return token;
  };
  return { ask, refused: options.refused ?? askForOther };
}

/** The slot's lane and the one before it, and near the turn of a slot the next one too. */
function nearLanes(atMs: number, lanes: number, dayMs: number): Set<number> {
  const now = laneAt(atMs, lanes, dayMs);
  const skewMs = Math.min(CLOCK_SKEW_MS, dayMs / lanes / 10);
  return new Set([now, laneBefore(now, lanes), laneAt(atMs + skewMs, lanes, dayMs)]);
}

/** One that lives, whatever its generation; of two that do or do not, the newer. */
function better(
  one: PublishedToken | undefined,
  other: PublishedToken | undefined,
  atMs: number,
): PublishedToken | undefined {
  if (!one || !other) return one ?? other;
  const [isOneLive, isOtherLive] = [isLive(one, atMs), isLive(other, atMs)];
  if (isOneLive !== isOtherLive) return isOneLive ? one : other;
  return isNewer(other, one) ? other : one;
}

function isLive(value: PublishedToken | undefined, atMs: number): boolean {
  return value !== undefined && value.accessToken !== '' && atMs < value.expiresAtMs;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

function unknownCredential(credential: string): TokenError {
  return new TokenError(
    'unknown-credential',
    `${credential} publishes no token here: check its id, the environment, the region, and its "publish".`,
  );
}

function noLiveToken(credential: string): TokenError {
  const message = `No token of ${credential} that lives is published: it is on-demand, failing or lapsed. Ask the read API.`;
  return new TokenError('no-live-token', message, { isTemporary: true });
}
