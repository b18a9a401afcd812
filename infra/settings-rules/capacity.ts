import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { EnvironmentSettings } from '../../shared/config/environments.ts';
import { FUNCTIONS } from '../../shared/config/functions.ts';
import { BUCKETS } from '../../shared/config/shards.ts';
import type { RenovaSettings } from '../settings.ts';
import { countRule, isObject, type Rule } from './rule.ts';

/** For ever is none of them. */
export const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
) as number[];

/** Requests, schedules and invocations: whole numbers, and enough of them. */
export function capacityRules(settings: RenovaSettings): Rule[] {
  const { quotas, schedules, refreshMemoryMb, readThrottle } = settings;
  return [
    {
      setting: 'quotas',
      isGood: isObject(quotas),
      expected: "requests a minute by the quota's key",
    },
    ...Object.entries(quotas ?? {}).map(([key, perMinute]) =>
      countRule(`quotas.${key}`, perMinute, 'requests a minute'),
    ),
    ...concurrencyRules(settings),
    {
      setting: 'schedules',
      isGood: schedules === undefined || isSchedules(schedules),
      expected: `a whole number from 1 to ${BUCKETS}`,
    },
    {
      setting: 'refreshMemoryMb',
      isGood: refreshMemoryMb === undefined || isMemory(refreshMemoryMb),
      expected: `a whole number of MB from ${FUNCTIONS.refresh.memoryMb} to ${MOST_MEMORY_MB}`,
    },
    countRule('readThrottle.perSecond', readThrottle?.perSecond, 'requests a second'),
    countRule('readThrottle.burst', readThrottle?.burst, 'requests'),
  ];
}

/** Lambda gives no function more. */
const MOST_MEMORY_MB = 10_240;

function isMemory(mb: unknown): boolean {
  return Number.isInteger(mb) && Number(mb) >= FUNCTIONS.refresh.memoryMb && Number(mb) <= MOST_MEMORY_MB;
}

function isSchedules(count: unknown): boolean {
  return Number.isInteger(count) && Number(count) >= 1 && Number(count) <= BUCKETS;
}

function concurrencyRules({ schedules = 1, ...settings }: RenovaSettings): Rule[] {
  const reserved: Partial<EnvironmentSettings['reservedConcurrency']> = settings.reservedConcurrency ?? {};
  const ticks = TICKS_AT_ONCE * (isSchedules(schedules) ? schedules : 1);
  if (reserved === 'none') return [];
  if (!isObject(reserved)) {
    return [{ setting: 'reservedConcurrency', isGood: false, expected: '{ refresh, read, admin } or none' }];
  }
  const { refresh = 0, read = 0, admin = 0 } = reserved;
  return [
    ...Object.entries({ refresh, read, admin }).map(([role, count]) =>
      countRule(`reservedConcurrency.${role}`, count, 'invocations'),
    ),
    {
      setting: 'reservedConcurrency.refresh',
      isGood: refresh >= read + admin + ticks,
      expected: `at least those of read and admin together and ${ticks} more, for ticks`,
    },
  ];
}

/** Of each schedule: a tick may take two minutes, and begins every minute; one more for a delivery that came twice. */
const TICKS_AT_ONCE = 3;
