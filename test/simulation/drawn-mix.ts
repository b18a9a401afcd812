import { timing } from '../../shared/config/timing.ts';
import { admission } from '../../shared/quota/demand.ts';
import { Dice } from './dice.ts';
import type { Population } from './population.ts';
import { settingsOf } from './strategies/registered-settings.ts';

const TIMES = timing(1);
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

/** Requests and seconds of the quotas that are drawn: BS2's, small ones, long windows, large ones. */
const LIMITS = [1, 2, 3, 5, 10, 10, 15, 20, 40, 100, 300] as const;
const WINDOWS_SECONDS = [5, 10, 30, 60, 60, 60, 90, 120, 600, 1800, 3600] as const;
/** More requests a minute than that make a run long and show nothing more. */
const MOST_A_MINUTE = 25;
const MOST_CREDENTIALS = 400;

/**
 * Credentials of one quota, drawn: one to three groups of different modes and lives, and so many of each as `register`
 * takes without `--force`. The same seed draws the same ones.
 */
export function drawAdmitted(seed: number): readonly Population[] {
  const dice = new Dice(seed).named('mix');
  const quota = drawQuota(dice);
  const lead = new Dice(seed).named('lead');
  const groups = Array.from({ length: dice.pick([1, 1, 2, 2, 3]) }, () => drawGroup(dice, lead, quota));
  const counts = groups.map(() => 0);
  // Added in turns by weight, until none of the groups may have one more.
  const weights = groups.map(() => dice.between(1, 5));
  const open = new Set(groups.keys());
  while (open.size > 0 && counts.reduce((sum, count) => sum + count, 0) < MOST_CREDENTIALS) {
    const [next] = [...open].sort(
      (a, b) => (counts[a] ?? 0) / (weights[a] ?? 1) - (counts[b] ?? 0) / (weights[b] ?? 1),
    );
    if (next === undefined) break;
    const more = counts.map((count, at) => (at === next ? count + 1 : count));
    if (isAdmitted(groups, more)) counts[next] = more[next] ?? 0;
    else open.delete(next);
  }
  return groups.flatMap((group, at) => (counts[at] ? [{ ...group, count: counts[at] }] : []));
}

function drawQuota(dice: Dice): NonNullable<Population['quota']> {
  while (true) {
    const limit = dice.pick(LIMITS);
    const seconds = dice.pick(WINDOWS_SECONDS);
    if ((limit * 60) / seconds <= MOST_A_MINUTE) return { limit, windowMs: seconds * SECOND_MS };
  }
}

function drawGroup(dice: Dice, lead: Dice, quota: Population['quota']): Population {
  const mode = dice.chance(0.7) ? 'fresh' : 'on-demand';
  const usual = dice.pick([60, 90, 300, 300, 420, 900, 3600]);
  const accessSeconds = dice.chance(0.5) ? usual : Math.round(dice.magnitude(60, 7200));
  const beforeSeconds = Math.round(accessSeconds * lead.pick([0.1, 0.25, 0.4]));
  return {
    count: 1,
    mode,
    provider: 'drawn',
    quota,
    accessLifeMs: accessSeconds * SECOND_MS,
    ...(mode === 'fresh' && lead.chance(0.15) && { refreshBeforeMs: beforeSeconds * SECOND_MS }),
    refreshLifeMs: Math.round(dice.magnitude(1, 48)) * HOUR_MS,
    statesRefreshLife: dice.chance(0.5),
    readers: {
      secrets: 0,
      read: mode === 'on-demand' && dice.chance(0.5) ? 1 : 0,
      everyMs: dice.between(2, 30) * 60 * SECOND_MS,
    },
  };
}

function isAdmitted(groups: readonly Population[], counts: readonly number[]): boolean {
  const all = groups.flatMap((group, at) =>
    // As the index knows them after their first answers.
    Array.from({ length: counts[at] ?? 0 }, (_, n) => ({
      ...settingsOf(group, `of-${at}-${n}`),
      refreshLifeMs: group.refreshLifeMs,
    })),
  );
  const [{ quota } = {}] = all;
  return quota !== undefined && admission(quota, all, TIMES).fits;
}
