import type { Choice } from './choice.ts';
import { conflict, EVERYTHING } from './footprint.ts';

/** True if the order of two steps makes no difference. */
export function commute(one: Choice, other: Choice): boolean {
  if (one.footprint === EVERYTHING || other.footprint === EVERYTHING) return false;
  const isStruck = one.fault !== undefined || other.fault !== undefined;
  if (one.party === other.party && isStruck) return false;
  if (one.fault !== undefined && other.fault !== undefined) return false;
  return !conflict(one.footprint, other.footprint);
}
