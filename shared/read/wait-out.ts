import type { Clock } from '../clock/clock.ts';
import type { CredentialRecord } from '../credential/credential.ts';

/** A refresh takes a fraction of a second at best; the pauses grow, because every look costs a consistent read. */
const FIRST_PAUSE_MS = 50;
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
  let record = await load();
  for (let pauseMs = FIRST_PAUSE_MS; isInFlight(record, clock.nowMs()); pauseMs += FIRST_PAUSE_MS) {
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) break;
    await clock.sleep(Math.min(pauseMs, LONGEST_PAUSE_MS, leftMs));
    record = await load();
  }
  return record;
}

/** True while somebody may be replacing the current pair. */
function isInFlight({ attempt, generation }: CredentialRecord, nowMs: number): boolean {
  return attempt?.purpose === 'refresh' && attempt.generation === generation && nowMs < attempt.leaseUntilMs;
}
