import { setTimeout as delay } from 'node:timers/promises';
import { laneAt, laneBefore, MAX_LANES } from '../shared/vault/lanes.ts';
import { type Door, newToken, type RefreshTrigger, type Token } from './token.ts';
import { TokenError } from './token-error.ts';

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
 * Reads the published secrets: the lane of the slot and the one before, the higher generation wins; when that is
 * expired, all lanes. A secret that nobody has read yet costs one read more, which tells how many lanes there are.
 */
export function lanesDoor(options: LanesOptions): Door {
  const { credential, env, readSecret, nowMs = Date.now, dayMs = DAY_MS, sleep = delay } = options;
  let lanes: number | undefined;

  const read = async (lane: number, signal?: AbortSignal): Promise<Published | undefined> => {
    const value = parsePublished(await readSecret(`renova/${env}/${credential}/token/${lane}`, signal));
    if (value) lanes = Math.max(lanes ?? 1, value.lanes);
    return value;
  };
  const highest = async (which: Iterable<number>, signal?: AbortSignal): Promise<Published | undefined> => {
    const values = await Promise.all([...new Set(which)].map((lane) => read(lane, signal)));
    return values.reduce((best, value) =>
      (value?.generation ?? -1) > (best?.generation ?? -1) ? value : best,
    );
  };
  const current = async (signal?: AbortSignal): Promise<Published | undefined> => {
    const known = lanes ?? (await read(0, signal))?.lanes;
    if (known === undefined) throw unknownCredential(credential);
    const atMs = nowMs();
    const best = await highest(nearLanes(atMs, known, dayMs), signal);
    if (isLive(best, nowMs())) return best;
    // Nothing was published for long, or the lanes became more: those beyond the known ones may be there.
    const all = await highest(range(0, lanes ?? known), signal);
    return isLive(all, nowMs()) ? all : highest(range(lanes ?? known, MAX_LANES), signal);
  };
  const ask = async ({ minTtlSeconds = 0, signal }: RefreshTrigger): Promise<Token> => {
    const value = await current(signal);
    const isEnough = value && value.expiresAtMs - nowMs() >= minTtlSeconds * 1000;
    if (!isEnough || !isLive(value, nowMs())) throw noLiveToken(credential);
    const { accessToken, ...rest } = value;
    return newToken(accessToken, rest);
  };
  /** The provider may have replaced the token a moment ago, and the next one is still being published. */
  const askForLater = async (generation: number, wish: RefreshTrigger): Promise<Token> => {
    let token = await ask(wish);
    for (let looks = 1; token.generation <= generation && looks < MOST_LOOKS; looks += 1) {
      await sleep(LOOK_AGAIN_MS);
      token = await ask(wish);
    }
    return token;
  };
  return { ask, refused: options.refused ?? askForLater };
}

/** The slot's lane and the one before it, and near the turn of a slot the next one too. */
function nearLanes(atMs: number, lanes: number, dayMs: number): number[] {
  const now = laneAt(atMs, lanes, dayMs);
  const skewMs = Math.min(CLOCK_SKEW_MS, dayMs / lanes / 10);
  return [now, laneBefore(now, lanes), laneAt(atMs + skewMs, lanes, dayMs)];
}

interface Published extends Token {
  readonly lanes: number;
}

function isLive(value: Published | undefined, atMs: number): boolean {
  return value !== undefined && value.accessToken !== '' && atMs < value.expiresAtMs;
}

function parsePublished(text: string | undefined): Published | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Record<string, string> & { generation: number; lanes: number };
    return {
      accessToken: String(value.access_token),
      tokenType: String(value.token_type),
      scope: String(value.scope),
      generation: Number(value.generation),
      expiresAtMs: Date.parse(String(value.expires_at)),
      holdUntilMs: Date.parse(String(value.refresh_after)),
      lanes: Math.min(MAX_LANES, Math.max(1, Math.trunc(value.lanes) || 1)),
    };
  } catch {
    return undefined;
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
}

function unknownCredential(credential: string): TokenError {
  return new TokenError(
    'unknown-credential',
    `${credential} publishes no token: check the id and its "publish".`,
  );
}

function noLiveToken(credential: string): TokenError {
  const message = `No token of ${credential} that lives is published: it is on-demand, failing or lapsed. Ask the read API.`;
  return new TokenError('no-live-token', message, { isTemporary: true });
}
