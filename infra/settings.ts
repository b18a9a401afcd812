import type { EnvironmentSettings } from '../shared/config/environments.ts';
import type { EnvironmentName } from '../shared/config/names.ts';

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

/** Throws {@link SettingsError} with the first setting that cannot be used. */
export function checkSettings(env: EnvironmentName, settings: EnvironmentSettings): void {
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
  const { lapseAlarmHours, reservedConcurrency } = settings;
  const { refresh, read, admin } = reservedConcurrency;
  return [
    addressRule(settings),
    ...Object.entries(settings.quotas).map(([key, perMinute]) =>
      countRule(`quotas.${key}`, perMinute, 'requests a minute'),
    ),
    ...Object.entries(reservedConcurrency).map(([role, count]) =>
      countRule(`reservedConcurrency.${role}`, count, 'invocations'),
    ),
    {
      setting: 'reservedConcurrency.refresh',
      isGood: refresh >= read + admin + TICKS_AT_ONCE,
      expected: `at least those of read and admin together and ${TICKS_AT_ONCE} more, for ticks`,
    },
    {
      setting: 'lapseAlarmHours',
      isGood: Number.isFinite(lapseAlarmHours) && lapseAlarmHours > 0,
      expected: 'a number of hours over 0',
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
