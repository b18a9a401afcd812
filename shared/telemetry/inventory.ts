import type { Timing } from '../config/timing.ts';
import type { CredentialRecord } from '../credential/credential.ts';
import type { QuotaLimit } from '../credential/settings.ts';
import { type Watched, watched } from '../credential/watched.ts';
import { type Demanding, demanded, planned, sustainable } from '../quota/demand.ts';
import type { PlannedDemand } from '../quota/quota.ts';

/** How all credentials of an environment are: what changes slowly, and what needs attention now. */
export type Inventory = Omit<Population, 'leastLeft'> & Omit<Concerns, 'leastLeft'> & LeastLeft;

/** What a round over all records counts; it changes slowly. */
export interface Population {
  readonly active: number;
  /** Every quota that a credential has, with its demand in percent of what it can serve. */
  readonly quotas: readonly QuotaDemand[];
  readonly leastLeft: LeastLeft;
}

export interface QuotaDemand {
  readonly quota: QuotaLimit;
  readonly demandedPercent: number;
  readonly planned: PlannedDemand;
}

/** Counts of what is not active and well. */
export interface Concerns {
  readonly paused: number;
  readonly lapsed: number;
  /** Active ones whose last refresh failed. */
  readonly failing: number;
  /** Fresh ones whose access token has expired, whatever the reason. */
  readonly expired: number;
  /** Those of which a pair has waited for its lane for more than two ticks. */
  readonly unpublished: number;
  readonly leastLeft: LeastLeft;
}

/** What is left of the chain that ends first. Absent: none has a known end. */
export interface LeastLeft {
  /** Until the first chain ends, in hours of scale 1. */
  readonly hoursToLapse?: number | undefined;
  /** What is left of the life of a refresh token, in percent, where that is least. */
  readonly lifeLeftPercent?: number | undefined;
}

/** Each quota with figures costs two metrics: so many have them in any case … */
const QUOTAS_WITH_FIGURES = 20;
/** … and of more, those that are used so much. */
const MUCH_PERCENT = 50;

/** The keys of the quotas that have figures of their own: those with most demand. Pure. */
export function quotasWithFigures(quotas: readonly QuotaDemand[]): ReadonlySet<string> {
  const busiest = quotas.toSorted((a, b) => b.demandedPercent - a.demandedPercent);
  const chosen = busiest.filter(
    ({ demandedPercent }, rank) => rank < QUOTAS_WITH_FIGURES || demandedPercent >= MUCH_PERCENT,
  );
  return new Set(chosen.map(({ quota }) => quota.key));
}

const HOUR_MS = 60 * 60 * 1000;

/** Counts the credentials of `records`, which are all there are; removed ones are none. */
export function inventory(records: readonly CredentialRecord[], nowMs: number, timing: Timing): Inventory {
  const tally = new Tally(timing);
  for (const record of records) tally.add(record, nowMs);
  return combined(tally.population(), concerns(records.map(watched), nowMs, timing));
}

/** The inventory of a round and of what needs attention since. */
export function combined(population: Population, ofConcern: Concerns): Inventory {
  const { leastLeft, ...counts } = population;
  const { leastLeft: urgent, ...concern } = ofConcern;
  return { ...counts, ...concern, ...leastOf(leastLeft, urgent) };
}

/** Counts of these credentials: what is not among them is active and well. Pure. */
export function concerns(all: readonly Watched[], nowMs: number, timing: Timing): Concerns {
  const inState = (state: Watched['state']) => all.filter((one) => one.state === state);
  const active = inState('active');
  return {
    paused: inState('paused').length,
    lapsed: inState('lapsed').length,
    failing: active.filter(({ failure }) => failure).length,
    expired: active.filter(
      ({ mode, expiresAtMs = Number.POSITIVE_INFINITY }) => mode === 'fresh' && expiresAtMs <= nowMs,
    ).length,
    unpublished: all.filter(({ waiting }) => isLong(waiting?.sinceMs, nowMs, timing)).length,
    leastLeft: all.reduce<LeastLeft>((least, one) => leastOf(least, left(one, nowMs, timing)), {}),
  };
}

/** Counts records one after the other, as they are read in slices. */
export class Tally {
  readonly #timing: Timing;
  readonly #quotas = new Map<string, { readonly quota: QuotaLimit; readonly credentials: Demanding[] }>();
  #active = 0;
  #least: LeastLeft = {};

  constructor(timing: Timing) {
    this.#timing = timing;
  }

  add(record: CredentialRecord, nowMs: number): void {
    const { state, quota } = record;
    if (state === 'removed') return;
    if (state === 'active') this.#active += 1;
    this.#least = leastOf(this.#least, left(watched(record), nowMs, this.#timing));
    if (!quota) return;
    // Credentials that share a key share the limit.
    const known = this.#quotas.get(quota.key) ?? { quota, credentials: [] };
    known.credentials.push(demandOf(record));
    this.#quotas.set(quota.key, known);
  }

  population(): Population {
    const quotas = [...this.#quotas.values()].map(({ quota, credentials }) => ({
      quota,
      demandedPercent: (100 * demanded(quota, credentials)) / sustainable(quota, this.#timing),
      planned: planned(quota, credentials, this.#timing),
    }));
    return { active: this.#active, quotas, leastLeft: this.#least };
  }
}

/** What the arithmetic of its quota needs of a credential, and not its tokens: a round may count very many. */
function demandOf(record: CredentialRecord): Demanding {
  const { credential, state, mode, grant, quota, refreshBeforeMs } = record;
  const { defaultAccessTokenMs, accessLifeMs, refreshTokenMs, refreshLifeMs, refreshTokenLifetime } = record;
  return {
    ...{ credential, state, mode, grant, quota, refreshBeforeMs },
    ...{ defaultAccessTokenMs, accessLifeMs, refreshTokenMs, refreshLifeMs, refreshTokenLifetime },
  };
}

/** Of an active or a paused credential: what has lapsed has nothing left to lose. */
function left({ state, chain }: Watched, nowMs: number, { scale }: Timing): LeastLeft {
  if (!chain || (state !== 'active' && state !== 'paused')) return {};
  const { sinceMs, endsAtMs } = chain;
  const leftMs = Math.max(0, endsAtMs - nowMs);
  // In percent of the life that it had when it began: what is little depends on the provider.
  const lifeMs = endsAtMs - sinceMs;
  return {
    hoursToLapse: (leftMs * scale) / HOUR_MS,
    lifeLeftPercent: lifeMs <= 0 ? 0 : (100 * leftMs) / lifeMs,
  };
}

function leastOf(a: LeastLeft, b: LeastLeft): LeastLeft {
  const hoursToLapse = least(a.hoursToLapse, b.hoursToLapse);
  const lifeLeftPercent = least(a.lifeLeftPercent, b.lifeLeftPercent);
  return {
    ...(hoursToLapse !== undefined && { hoursToLapse }),
    ...(lifeLeftPercent !== undefined && { lifeLeftPercent }),
  };
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

function isLong(sinceMs: number | undefined, nowMs: number, { tickMs }: Timing): boolean {
  return sinceMs !== undefined && nowMs - sinceMs > 2 * tickMs;
}
