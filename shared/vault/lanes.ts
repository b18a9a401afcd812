/** Refreshes a lane may see in a day, so that two days' versions stay under the quota of 100. */
const REFRESHES_PER_LANE = 48;
/** No credential ever had more: whoever looks for all lanes of one, whatever its record says, looks at so many. */
export const MAX_LANES = 20;
const REFRESHES_PER_LIFE = 2;
/** Times are cut to whole milliseconds and divided by the scale: that alone must not add a lane. */
const ROUNDING = 0.01;
const CUT_MS = 1;

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

/** Times of a pair that say how often its like are renewed. */
interface Renewed {
  readonly sealedAccess?: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly refreshAfterMs: number;
  readonly refreshTokenExpiresAtMs?: number;
  readonly refreshTokenSinceMs?: number;
}

/** The lives that a credential is registered with. */
interface RegisteredLives {
  readonly defaultAccessTokenMs: number;
  readonly refreshBeforeMs?: number;
  readonly refreshTokenMs?: number;
}

/** How many lanes the renewals of this pair and its like need; 1 if it has no access token. */
export function lanesFor(pair: Renewed, dayMs: number): number {
  if (!pair.sealedAccess) return 1;
  const { issuedAtMs, expiresAtMs, refreshAfterMs } = pair;
  const lifeMs = expiresAtMs - issuedAtMs;
  // What comes at the end of a refresh token that nothing moves comes once.
  const isLast = pair.refreshTokenSinceMs !== undefined && (pair.refreshTokenExpiresAtMs ?? 0) <= expiresAtMs;
  const afterMs = isLast ? lifeMs : refreshAfterMs + CUT_MS - issuedAtMs;
  return laneCount(Math.min(lifeMs, REFRESHES_PER_LIFE * afterMs), dayMs);
}

/** How many lanes the renewals need that a credential is registered for. */
export function lanesOf(
  { defaultAccessTokenMs, refreshBeforeMs = 0, refreshTokenMs }: RegisteredLives,
  dayMs: number,
): number {
  const earlyMs = REFRESHES_PER_LIFE * (defaultAccessTokenMs - refreshBeforeMs);
  return laneCount(Math.min(defaultAccessTokenMs, earlyMs, refreshTokenMs ?? earlyMs), dayMs);
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
