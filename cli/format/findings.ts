import type { JsonObject } from '../context.ts';
import { duration } from './duration.ts';
import { healthOf } from './health.ts';
import type { Summary } from './summary.ts';

/** Something that is not well, in a sentence; the command that mends it, or the one that tells more. */
export interface Finding {
  readonly sentence: string;
  readonly mend?: string;
  readonly see?: string;
}

/** The schedule ticks once a minute; what has been due for longer than this was seen by none. */
const SILENT_MS = 3 * 60_000;
/** From here on the alarm of the stack rings too (docs/operations.md). */
const BUSY_PERCENT = 80;

/** Everything that a person should look at. Pure. */
export function findings(
  credentials: readonly Summary[],
  quotas: readonly JsonObject[],
  nowMs: number,
): readonly Finding[] {
  const ill = credentials
    .map((summary) => healthOf(summary, nowMs))
    .filter((health) => health.mend !== undefined)
    .map(({ sentence, mend }) => ({ sentence, mend }));
  return [...silence(credentials, nowMs), ...ill, ...busy(quotas)];
}

function silence(credentials: readonly Summary[], nowMs: number): Finding[] {
  const dueMs = credentials
    .map(({ due_at }) => Date.parse(due_at ?? ''))
    .filter((atMs) => !Number.isNaN(atMs));
  const lateMs = nowMs - Math.min(...dueMs);
  if (!(lateMs > SILENT_MS)) return [];
  return [
    {
      sentence: `The schedule may be silent: something has been due for ${duration(lateMs)}, and no tick has seen to it. See docs/operations.md, section silence.`,
    },
  ];
}

function busy(quotas: readonly JsonObject[]): Finding[] {
  return quotas
    .filter(({ used_percent }) => typeof used_percent === 'number' && used_percent > BUSY_PERCENT)
    .map(({ key, used_percent }) => ({
      sentence: `The quota ${String(key)} is nearly used up: its credentials need ${String(used_percent)} % of it, and beyond 100 % tokens expire before their turn.`,
      see: 'capacity',
    }));
}
