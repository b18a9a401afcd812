import { GUARD_TICKS, LEAST_APART_TICKS, SPARE_TICKS } from '../config/tick-parts.ts';
import type { Timing } from '../config/timing.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import { refreshLifeOf } from '../credential/schedule.ts';
import type { CredentialSettings, QuotaLimit } from '../credential/settings.ts';
import type { PlannedDemand } from './quota.ts';
import { keepsLastPermit, keptPermits, lendsLastPermit, roundMs, spreadWindow } from './tracked-window.ts';

/** A credential as far as its demand goes: registered, or about to be. */
export type Demanding = Pick<
  CredentialSettings,
  | 'credential'
  | 'mode'
  | 'grant'
  | 'quota'
  | 'defaultAccessTokenMs'
  | 'refreshBeforeMs'
  | 'refreshTokenMs'
  | 'refreshTokenLifetime'
> &
  Partial<Pick<CredentialRecord, 'pair' | 'state' | 'accessLifeMs' | 'refreshLifeMs'>>;

/** What a quota can serve, and what its credentials need, in requests a window. */
export interface Admission {
  readonly usable: number;
  readonly needed: number;
  /** No token would expire: {@link needed} is at most {@link usable}. */
  readonly fits: boolean;
}

/** Keep-alives on demand come up to a fifth earlier than at a third of a life: so many thirds on average. */
const KEEP_ALIVE_THIRDS = 0.9;
/** Lives that differ by no more than this take turns as equal ones do. */
const SAME_LIFE = 1.02;
const ROUNDING = 1e-9;
/** Rounds of permits in a life that are few. */
const FEW_ROUNDS = 4;
/** Tokens of one life are renewed before their ends by no more than this part of it, so that chains can go first. */
const MOST_GUARDED = 1 / 4;
/** A token that lives no longer is renewed so long after the last time, whatever is left of its life. */
const SHORT_TICKS = 2 * SPARE_TICKS;
/** Who has room for so many need not know for how many exactly. */
const MOST_ROOM = 100_000;
/** A chain goes before all others in the last quarter of its life. */
const CHAIN_PART = 0.75;

/** Requests a window that the quota can really be asked for, permits being held until one window after the answer. */
export function sustainable(quota: QuotaLimit, timing: Timing): number {
  return quota.windowMs / slotMs(quota, timing);
}

/** Requests a window that the schedule makes for these credentials: one for each in the life of its token. */
export function demanded(quota: QuotaLimit, credentials: Iterable<Demanding>): number {
  let demand = 0;
  for (const credential of asking(quota, credentials)) demand += quota.windowMs / renewalMs(credential);
  return demand;
}

/**
 * Whether a quota keeps all these credentials fresh. A request comes in each slot (the window, the margin and the latency,
 * divided by the limit). Tokens of one life take turns, and each slot is of use. Where lives differ, those that live
 * longer may all come due together, so they count more ({@link sharesOf}).
 *
 *     BS2         slots of 6.8 s   44 tokens of 300 s need 299.2 s for a turn
 *                                  22 tokens of 300 s and 20 of an hour: 22 × 6.8/273 and 20 × 2.1 × 6.8/3600
 *     1 in 60 s   slots of 68 s    4 tokens of 300 s; one of 150 s and two of 300 s do not fit
 */
export function admission(quota: QuotaLimit, credentials: Iterable<Demanding>, timing: Timing): Admission {
  const usable = sustainable(quota, timing);
  const all = [...asking(quota, credentials)];
  const { requests, shortestLifeMs } = planned(quota, all, timing);
  const hasChains = all.some(({ mode }) => mode === 'on-demand');
  // What others leave to tokens that cannot wait; tokens of one kind leave one to each other.
  const kept = hasChains
    ? keptPermits(shortestLifeMs, quota, timing)
    : all.length > 1 && keepsLastPermit(shortestLifeMs, quota, timing)
      ? 1
      : 0;
  const needed = requests + (kept * usable) / quota.limit;
  return { usable, needed, fits: needed <= usable + ROUNDING };
}

/** What of a quota must be left to the schedule, so that each of these credentials can be renewed in time. */
export function planned(quota: QuotaLimit, credentials: Iterable<Demanding>, timing: Timing): PlannedDemand {
  const all = [...asking(quota, credentials)];
  const keptMs = all.filter(({ mode }) => mode === 'fresh').map(keptForMs);
  const onDemand = all.filter(({ mode }) => mode === 'on-demand');
  const tokens = { keptMs, hasChains: onDemand.length > 0 };
  const ofFresh = sustainable(quota, timing) * sharesOf(tokens, quota, timing);
  return {
    requests: demanded(quota, onDemand) / KEEP_ALIVE_THIRDS + ofFresh,
    shortestLifeMs: least(keptMs),
  };
}

/**
 * How many more credentials like the one of these with the shortest life a quota keeps fresh: so many are admitted, and
 * not one more. More than some 100,000 are not counted.
 */
export function roomForFresh(quota: QuotaLimit, credentials: readonly Demanding[], timing: Timing): number {
  const [like] = credentials.toSorted((a, b) => a.defaultAccessTokenMs - b.defaultAccessTokenMs);
  if (!like) return 0;
  const one: Demanding = {
    ...like,
    mode: 'fresh',
    state: 'active',
    pair: undefined,
    accessLifeMs: undefined,
    refreshLifeMs: undefined,
  };
  const fits = (more: number) =>
    admission(quota, [...credentials, ...Array.from({ length: more }, () => one)], timing).fits;
  let [room, tooMany] = [0, 1];
  while (tooMany < MOST_ROOM && fits(tooMany)) [room, tooMany] = [tooMany, 2 * tooMany];
  while (tooMany - room > 1) {
    const middle = Math.floor((room + tooMany) / 2);
    if (fits(middle)) room = middle;
    else tooMany = middle;
  }
  return room;
}

/** How long tokens of one quota can go without a refresh, and whether chains on demand share it. */
interface Tokens {
  readonly keptMs: readonly number[];
  readonly hasChains: boolean;
}

/**
 * The part of all slots that these tokens take. One that lives longer than the shortest may come due together with all
 * its like, and then has half of its life to be renewed in: it counts as one of the shortest life, but twice at most.
 * Where lives differ, tokens of the shortest life are renewed some time before their end, so that others can go first; and
 * where a slot is long beside a life, if there are chains on demand.
 */
function sharesOf({ keptMs, hasChains }: Tokens, quota: QuotaLimit, timing: Timing): number {
  const slot = slotMs(quota, timing);
  const round = roundMs(quota, timing);
  const whole = (ms: number) => {
    const rounds = ms / round;
    // Of few requests in a window that is longer than a life none is left when they were made in a burst.
    if (rounds < 1 && round > 2 * timing.tickMs) return ms / 2;
    // Part of a round is of no use where permits that were taken together come free together: of a few rounds in a life,
    // and of rounds that are longer than a tick, since each tick spreads what it asks for by itself.
    const isTogether = rounds < FEW_ROUNDS || spreadWindow(quota, timing.tickMs).windowMs > timing.tickMs;
    return rounds >= 1 && isTogether ? Math.floor(rounds + ROUNDING) * round : ms;
  };
  const [shortestMs, longestMs] = [least(keptMs), -least(keptMs.map((ms) => -ms))];
  if (longestMs <= shortestMs * SAME_LIFE) {
    const guarded = hasChains && isSlow(shortestMs, quota, timing);
    return sum(keptMs.map((ms) => slot / (guarded ? besideChainsMs(ms, whole(ms), timing) : whole(ms))));
  }
  // The permit that is held back is lent in the last quarter of a life alone.
  const most = quota.limit > 1 ? 2 / (1 - 1 / (2 * quota.limit)) : 2;
  const spared = Math.max(1, whole(shortestMs) - GUARD_TICKS * timing.tickMs - slot);
  return sum(
    keptMs.map((ms) =>
      ms <= shortestMs * SAME_LIFE ? slot / spared : Math.min(most, ms / shortestMs) * (slot / whole(ms)),
    ),
  );
}

/** In how much of its life a token is renewed beside chains: short ones are renewed as soon as they may be. */
function besideChainsMs(lifeMs: number, wholeMs: number, { tickMs }: Timing): number {
  const isShort = lifeMs <= SHORT_TICKS * tickMs;
  const withinMs = isShort ? Math.min(wholeMs, LEAST_APART_TICKS * tickMs) : wholeMs;
  return withinMs - Math.min(GUARD_TICKS * tickMs, lifeMs * MOST_GUARDED);
}

/** Whether a slot or two are much of what a token of this life has to spare, and it has no permit to itself. */
function isSlow(lifeMs: number, quota: QuotaLimit, timing: Timing): boolean {
  const isMuch =
    slotMs(quota, timing) > GUARD_TICKS * timing.tickMs || keepsLastPermit(lifeMs, quota, timing);
  return isMuch && lendsLastPermit(lifeMs, quota, timing);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Not `Math.min(...)`: a call takes fewer arguments than a large quota has room for credentials. */
function least(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

/** How far apart requests of a quota are, on average, when all of it is used. */
function slotMs(quota: QuotaLimit, timing: Timing): number {
  return roundMs(quota, timing) / spreadWindow(quota, timing.tickMs).limit;
}

function* asking(quota: QuotaLimit, credentials: Iterable<Demanding>): Iterable<Demanding> {
  for (const credential of credentials) {
    if (credential.quota?.key === quota.key && (credential.state ?? 'active') === 'active') yield credential;
  }
}

function renewalMs(credential: Demanding): number {
  const { mode, grant } = credential;
  // It has no chain to be kept alive: renewed when somebody asks, which no schedule can plan.
  if (mode === 'on-demand' && grant === 'client_credentials') return Number.POSITIVE_INFINITY;
  const chainMs = chainLifeMs(credential);
  return mode === 'on-demand' && chainMs !== undefined ? chainMs / 3 : lifeMs(credential);
}

/** How long a fresh credential can go without a refresh, as if it were due at half of that. */
function keptForMs(credential: Demanding): number {
  const { refreshBeforeMs = Number.POSITIVE_INFINITY } = credential;
  const isChain = credential.grant === 'refresh_token' && credential.refreshTokenLifetime !== 'absolute';
  const chainMs = isChain ? chainLifeMs(credential) : undefined;
  return Math.min(
    lifeMs(credential),
    2 * refreshBeforeMs,
    (chainMs ?? Number.POSITIVE_INFINITY) * CHAIN_PART,
  );
}

/** What answers have stated goes before what was registered. */
function chainLifeMs({ pair, refreshLifeMs, refreshTokenMs }: Demanding): number | undefined {
  return refreshLifeMs ?? (pair && refreshLifeOf(pair)) ?? refreshTokenMs;
}

function lifeMs({ pair, accessLifeMs, defaultAccessTokenMs }: Demanding): number {
  if (accessLifeMs !== undefined) return accessLifeMs;
  return pair?.sealedAccess ? pair.expiresAtMs - pair.issuedAtMs : defaultAccessTokenMs;
}
