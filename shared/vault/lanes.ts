/** Refreshes a lane may see in a day, so that two days' versions stay under the quota of 100. */
const REFRESHES_PER_LANE = 48;
/** No credential ever had more: whoever looks for all lanes of one, whatever its record says, looks at so many. */
export const MAX_LANES = 20;
const REFRESHES_PER_LIFE = 2;
/** Times are cut to whole milliseconds and divided by the scale: that alone must not add a lane. */
const ROUNDING = 0.01;

/** How many lanes a token of this lifetime needs: refreshes a day at half-life ÷ 48, 1 to 20. */
export function laneCount(accessTokenMs: number, dayMs: number): number {
  const refreshesPerDay = (dayMs * REFRESHES_PER_LIFE) / accessTokenMs;
  return Math.min(MAX_LANES, Math.max(1, Math.ceil(refreshesPerDay / REFRESHES_PER_LANE - ROUNDING)));
}

/** Versions of a secret that Secrets Manager keeps for a day: it takes no more. */
const VERSIONS_OF_A_DAY = 100;

/** Published tokens that are renewed more often than this fill all lanes. */
export function leastBetweenVersionsMs(dayMs: number): number {
  return dayMs / (MAX_LANES * VERSIONS_OF_A_DAY);
}

/** How many lanes the lifetime of this pair's access token needs; 1 if it has none. */
export function lanesFor(
  pair: { readonly sealedAccess?: string; readonly issuedAtMs: number; readonly expiresAtMs: number },
  dayMs: number,
): number {
  return pair.sealedAccess ? laneCount(pair.expiresAtMs - pair.issuedAtMs, dayMs) : 1;
}

/** The lane of the slot that `atMs` falls into: the (UTC) day is divided into `lanes` equal slots. */
export function laneAt(atMs: number, lanes: number, dayMs: number): number {
  return Math.floor(((atMs % dayMs) * lanes) / dayMs);
}

/** The lane of the slot before: where a write goes when its own lane is full, and where a reader looks too. */
export function laneBefore(lane: number, lanes: number): number {
  return (lane + lanes - 1) % lanes;
}

/**
 * When the slot before the one of `atMs` began. A token that was issued before lies in a lane that its slot has left:
 * a reader who finds it near `atMs` cannot know whether it still is the current one.
 */
export function slotBeforeStartMs(atMs: number, lanes: number, dayMs: number): number {
  const slotMs = dayMs / lanes;
  return atMs - (atMs % dayMs) + (laneAt(atMs, lanes, dayMs) - 1) * slotMs;
}
