import type { Timing } from '../config/timing.ts';

/**
 * Something that is wrong and was told, until it is told to be over. What comes and goes is one episode: told when it
 * begins, and when it has been over for long enough.
 *
 *     trouble   ████      ████      ████                          turn 0, then 1, then within its calm
 *     told      begin  end begin                            end   at once; then after a calm of 15 min
 */
export interface Episode {
  readonly sinceMs: number;
  /** How often it had come back within {@link ANEW_MS} of an end that was told; absent: never. */
  readonly turns?: number;
  /** It seems to be over, since then; told as over when the calm of its turn has passed. */
  readonly wellSinceMs?: number;
}

/** The end of an episode that was told. */
export interface EpisodeEnd {
  readonly atMs: number;
  readonly turns: number;
}

const MINUTE_MS = 60_000;
/** How long it must have been over, by turn: the first end is told at once, later ones when they seem to last. */
const CALM_MS = [0, 15 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS, 120 * MINUTE_MS];
/** What begins so soon after an end is the same trouble that comes back. */
const ANEW_MS = 2 * 60 * MINUTE_MS;

/** The episode of a trouble that begins at `sinceMs`. Pure. */
export function beginEpisode(
  sinceMs: number,
  before: EpisodeEnd | undefined,
  { scale }: Pick<Timing, 'scale'>,
): Episode {
  const isBack = before !== undefined && sinceMs - before.atMs < ANEW_MS / scale;
  return isBack ? { sinceMs, turns: before.turns + 1 } : { sinceMs };
}

/**
 * When the end of an episode is told that seems to be over since `wellMs`. `least`: the turn whose calm is kept at
 * least. Pure.
 */
export function endsAtMs(
  { turns = 0, wellSinceMs }: Episode,
  wellMs: number,
  { scale }: Pick<Timing, 'scale'>,
  least = 0,
): number {
  const calmMs = CALM_MS[Math.min(Math.max(turns, least), CALM_MS.length - 1)] ?? 0;
  return (wellSinceMs ?? wellMs) + calmMs / scale;
}
