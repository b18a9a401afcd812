import type { Clock } from '../../../shared/clock/clock.ts';
import { ServiceError } from './errors.ts';

/** Requests a second, for each region, of operations that share a limit. */
export interface RateLimit {
  readonly perSecond: number;
  readonly operations: readonly string[];
}

/**
 * The limits of Secrets Manager.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
 */
const LIMITS: readonly RateLimit[] = [
  { perSecond: 50, operations: ['PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'] },
  { perSecond: 10_000, operations: ['DescribeSecret', 'GetSecretValue'] },
  { perSecond: 100, operations: ['BatchGetSecretValue'] },
  { perSecond: 100, operations: ['ListSecrets'] },
  { perSecond: 50, operations: ['CreateSecret'] },
  { perSecond: 50, operations: ['DeleteSecret'] },
  { perSecond: 50, operations: ['RestoreSecret'] },
  { perSecond: 50, operations: ['ListSecretVersionIds'] },
  { perSecond: 50, operations: ['GetRandomPassword'] },
  { perSecond: 50, operations: ['TagResource', 'UntagResource'] },
  {
    perSecond: 50,
    operations: ['DeleteResourcePolicy', 'GetResourcePolicy', 'PutResourcePolicy', 'ValidateResourcePolicy'],
  },
  { perSecond: 50, operations: ['RemoveRegionsFromReplication', 'ReplicateSecretToRegions'] },
];

const WINDOW_MS = 1000;

/**
 * Counts a request, and rejects with `ThrottlingException` when more than the limit would lie in any
 * sliding second. A rejected request is not counted. Time is the process's own, never scaled.
 */
export function rateLimiter(
  clock: Clock,
  limits: readonly RateLimit[] = LIMITS,
): (operation: string, region: string) => void {
  const windows = new Map<string, (nowMs: number) => boolean>();
  return (operation, region) => {
    const limit = limits.find(({ operations }) => operations.includes(operation));
    if (!limit) return;
    const key = `${region} ${limit.operations[0]}`;
    const admit = windows.get(key) ?? slidingWindow(limit.perSecond);
    windows.set(key, admit);
    if (!admit(clock.monotonicMs())) throw new ServiceError('ThrottlingException', 'Rate exceeded');
  };
}

/** Remembers the latest `size` admissions in a ring: the oldest must have left the window. */
function slidingWindow(size: number): (nowMs: number) => boolean {
  const admittedAtMs = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
  let oldest = 0;
  return (nowMs) => {
    if (nowMs - (admittedAtMs[oldest] ?? 0) < WINDOW_MS) return false;
    admittedAtMs[oldest] = nowMs;
    oldest = (oldest + 1) % size;
    return true;
  };
}
