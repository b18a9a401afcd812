import type { Token } from './token.ts';

type Issued = Pick<Token, 'generation' | 'issuedAtMs' | 'chain'>;

/** The clocks of two functions that issue tokens of one chain may differ by so much. */
const CLOCK_SKEW_MS = 10_000;

/**
 * True if `one` was issued after `other`. Generations say so, but those of a ledger that was restored or made anew
 * begin again: where the times of issue contradict them, the times are right.
 */
export function isNewer(one: Issued, other: Issued): boolean {
  const isOtherChain = one.chain !== undefined && other.chain !== undefined && one.chain !== other.chain;
  const laterMs = (one.issuedAtMs ?? Number.NaN) - (other.issuedAtMs ?? Number.NaN);
  if (Math.abs(laterMs) > (isOtherChain ? 0 : CLOCK_SKEW_MS)) return laterMs > 0;
  return one.generation > other.generation;
}
