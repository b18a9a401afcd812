import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { EnvironmentSettings } from '../shared/config/environments.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../shared/config/names.ts';

/** A setting of an environment is missing or cannot be used. */
export class SettingsError extends Error {
  readonly code = 'invalid-settings';
  override readonly name = 'SettingsError';
}

/**
 * The settings with what the command line says instead: `-c alarmAddress=…`, a mail address. Throws
 * {@link SettingsError}.
 */
export function withContext(settings: EnvironmentSettings, alarmAddress: unknown): EnvironmentSettings {
  if (alarmAddress === undefined) return settings;
  if (typeof alarmAddress !== 'string') {
    throw new SettingsError('Context key "alarmAddress": expected one mail address; give it once.');
  }
  return { ...settings, alarmAddress: { email: alarmAddress } };
}

/**
 * Throws {@link SettingsError} with the first setting that cannot be used. Types are looked at too: a synthesis runs
 * the settings as they are, without a compiler.
 */
export function checkSettings(env: EnvironmentName, settings: EnvironmentSettings): void {
  if (!ENVIRONMENTS.includes(env))
    throw new SettingsError(`env: expected one of ${ENVIRONMENTS.join(', ')}.`);
  for (const { setting, isGood, expected } of rules(settings)) {
    if (!isGood) {
      throw new SettingsError(
        `${setting} of ${env}: expected ${expected}; correct it in shared/config/environments.ts${
          setting === 'alarmAddress' ? ' or choose with -c alarmAddress=<mail address>' : ''
        }.`,
      );
    }
  }
}

interface Rule {
  readonly setting: string;
  readonly isGood: boolean;
  readonly expected: string;
}

function rules(settings: EnvironmentSettings): Rule[] {
  const { lapseAlarmHours, logRetentionDays, quotas } = settings;
  return [
    ...Object.keys(settings).map(knownRule),
    yesOrNoRule('isAlarmAddressRequired', settings.isAlarmAddressRequired),
    addressRule(settings),
    yesOrNoRule('isProtected', settings.isProtected),
    {
      setting: 'logRetentionDays',
      isGood: LOG_RETENTION_DAYS.includes(logRetentionDays),
      expected: `days that CloudWatch Logs offers (${LOG_RETENTION_DAYS.join(', ')})`,
    },
    {
      setting: 'quotas',
      isGood: typeof quotas === 'object' && quotas !== null,
      expected: "requests a minute by the quota's key",
    },
    ...Object.entries(quotas ?? {}).map(([key, perMinute]) =>
      countRule(`quotas.${key}`, perMinute, 'requests a minute'),
    ),
    ...concurrencyRules(settings.reservedConcurrency),
    {
      setting: 'lapseAlarmHours',
      isGood: Number.isFinite(lapseAlarmHours) && lapseAlarmHours > 0,
      expected: 'a number of hours over 0',
    },
  ];
}

const KNOWN = {
  alarmAddress: true,
  isAlarmAddressRequired: true,
  logRetentionDays: true,
  isProtected: true,
  reservedConcurrency: true,
  lapseAlarmHours: true,
  quotas: true,
} as const satisfies Record<keyof EnvironmentSettings, true>;

/** A misspelt setting would leave the one that was meant as it is. */
function knownRule(setting: string): Rule {
  return {
    setting,
    isGood: Object.hasOwn(KNOWN, setting),
    expected: `one of ${Object.keys(KNOWN).join(', ')}`,
  };
}

function yesOrNoRule(setting: keyof EnvironmentSettings, value: unknown): Rule {
  return { setting, isGood: typeof value === 'boolean', expected: 'true or false' };
}

/** For ever is none of them. */
const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
) as number[];

function concurrencyRules(reserved: Partial<EnvironmentSettings['reservedConcurrency']> = {}): Rule[] {
  const { refresh = 0, read = 0, admin = 0 } = reserved;
  return [
    ...Object.entries({ refresh, read, admin }).map(([role, count]) =>
      countRule(`reservedConcurrency.${role}`, count, 'invocations'),
    ),
    {
      setting: 'reservedConcurrency.refresh',
      isGood: refresh >= read + admin + TICKS_AT_ONCE,
      expected: `at least those of read and admin together and ${TICKS_AT_ONCE} more, for ticks`,
    },
  ];
}

/** A tick may take two minutes, and begins every minute; one more for a delivery that came twice. */
const TICKS_AT_ONCE = 3;

function addressRule({ alarmAddress, isAlarmAddressRequired }: EnvironmentSettings): Rule {
  const setting = 'alarmAddress';
  if (alarmAddress === undefined) {
    return { setting, isGood: !isAlarmAddressRequired, expected: 'somebody who is told of alarms' };
  }
  if (typeof alarmAddress !== 'object' || alarmAddress === null) {
    return { setting, isGood: false, expected: '{ email } or { parameter }' };
  }
  if ('parameter' in alarmAddress) {
    const isGood = /^\/[\w./-]+$/.test(alarmAddress.parameter);
    return { setting, isGood, expected: 'the name of a parameter that begins with a slash' };
  }
  return {
    setting,
    isGood: /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(alarmAddress.email),
    expected: 'a mail address',
  };
}

function countRule(setting: string, count: number, of: string): Rule {
  return {
    setting,
    isGood: Number.isInteger(count) && count >= 1,
    expected: `a whole number of ${of}, 1 or more`,
  };
}
