import type { Clock } from '../clock/clock.ts';
import type { CredentialRecord } from '../credential/credential.ts';

/** The first pause: a refresh takes a few times as long at best … */
const SHORTEST_PAUSE_MS = 5;
/** … each one after it is this part of the time waited so far, so that no reader is late by much more than that … */
const WAITED_PART = 8;
/** … and none is longer than this. Every look costs a consistent read. */
const LONGEST_PAUSE_MS = 250;

/**
 * Loads the record until no refresh of its current generation is in flight, for up to `untilMs`: meanwhile its token
 * may die at any moment. Resolves with the last one loaded; rejects as `load` does.
 */
export async function waitOut(
  clock: Clock,
  load: () => Promise<CredentialRecord>,
  untilMs: number,
): Promise<CredentialRecord> {
  const startMs = clock.monotonicMs();
  let record = await load();
  while (isInFlight(record, clock.nowMs())) {
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) break;
    await clock.sleep(Math.min(pauseMs(clock.monotonicMs() - startMs), leftMs));
    record = await load();
  }
  return record;
}

function pauseMs(waitedMs: number): number {
  return Math.min(Math.max(SHORTEST_PAUSE_MS, waitedMs / WAITED_PART), LONGEST_PAUSE_MS);
}

/** True while somebody may be replacing the current pair. */
function isInFlight({ attempt, generation }: CredentialRecord, nowMs: number): boolean {
  return attempt?.purpose === 'refresh' && attempt.generation === generation && nowMs < attempt.leaseUntilMs;
}
