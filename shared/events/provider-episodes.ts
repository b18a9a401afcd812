import * as v from 'valibot';
import { beginEpisode, type EpisodeEnd, endsAtMs } from '../credential/episode.ts';

/** A provider whose credentials fail together, from when it was told until it is told to be over. */
export interface ProviderEpisode {
  /** As credentials are registered: `bs2`. */
  readonly provider: string;
  readonly sinceMs: number;
  readonly turns?: number;
  /** When any of its credentials was last seen failing. */
  readonly failedAtMs: number;
}

/** All episodes of an environment, and the last ends, by the host of the token URL. */
export interface ProviderEpisodes {
  readonly open: Readonly<Record<string, ProviderEpisode>>;
  readonly ended: Readonly<Record<string, EpisodeEnd>>;
}

/** So many credentials of one provider that fail are one alert with a number. */
export const TOGETHER = 3;

const Stored = v.object({
  open: v.record(
    v.string(),
    v.object({
      provider: v.string(),
      sinceMs: v.number(),
      turns: v.optional(v.number()),
      failedAtMs: v.number(),
    }),
  ),
  ended: v.record(v.string(), v.object({ atMs: v.number(), turns: v.number() })),
});

/** What is remembered, read leniently: what cannot be read is nothing. */
export function providerEpisodes(stored: unknown): ProviderEpisodes {
  const { success, output } = v.safeParse(Stored, stored);
  return success ? output : { open: {}, ended: {} };
}

/** Where a credential's tokens come from: what fails there together is one provider. */
export function providerKey(tokenUrl: string): string {
  return URL.canParse(tokenUrl) ? new URL(tokenUrl).host : tokenUrl;
}

type Scaled = { readonly scale: number };

/** The episodes with one more, or with a failure of one that is open. Pure. */
export function withFailure(
  { open, ended }: ProviderEpisodes,
  key: string,
  provider: string,
  nowMs: number,
  timing: Scaled,
): ProviderEpisodes {
  const known = open[key] ?? { provider, ...beginEpisode(nowMs, ended[key], timing) };
  return { open: { ...open, [key]: { ...known, failedAtMs: nowMs } }, ended };
}

/** The keys of the episodes that seem to be over: nothing of them has failed for their calm, a quarter of an hour at least. */
export function calmOnes({ open }: ProviderEpisodes, nowMs: number, timing: Scaled): readonly string[] {
  return Object.entries(open)
    .filter(([, episode]) => endsAtMs(episode, episode.failedAtMs, timing, 1) <= nowMs)
    .map(([key]) => key);
}

/** The episodes without one that is over. Pure. */
export function withoutEpisode(
  { open, ended }: ProviderEpisodes,
  key: string,
  nowMs: number,
): ProviderEpisodes {
  const { [key]: over, ...others } = open;
  const end = over && { atMs: nowMs, turns: Math.max(1, over.turns ?? 0) };
  return { open: others, ended: end ? { ...ended, [key]: end } : ended };
}
