import type { PublicationState } from './credential.ts';

/** What a new token says of the number of lanes. */
export interface LaneNeed {
  /** Lanes that tokens of its life need. */
  readonly lanes: number;
  readonly atMs: number;
  /** When tokens have needed no more for so long, the lanes become fewer; absent: never. */
  readonly fewerAfterMs?: number;
}

/**
 * The publication with as many lanes as tokens need: more at once, fewer after a day without a token that needed more.
 * Readers that know the former number look into other lanes than the new tokens go to, so the next publish goes into
 * their lane too, and its value tells them.
 */
export function withLanes(
  publication: PublicationState,
  { lanes, atMs, fewerAfterMs = Number.POSITIVE_INFINITY }: LaneNeed,
): PublicationState {
  const { fewerLanes } = publication;
  if (lanes >= publication.lanes) return { ...changed(publication, lanes), fewerLanes: undefined };
  const most = { lanes: Math.max(lanes, fewerLanes?.lanes ?? 0), sinceMs: fewerLanes?.sinceMs ?? atMs };
  if (atMs - most.sinceMs < fewerAfterMs) return { ...publication, fewerLanes: most };
  return { ...changed(publication, most.lanes), fewerLanes: undefined };
}

function changed(publication: PublicationState, lanes: number): PublicationState {
  if (lanes === publication.lanes) return publication;
  const former = new Set([...(publication.formerLanes ?? []), publication.lanes]);
  former.delete(lanes);
  return { ...publication, lanes, formerLanes: [...former] };
}
