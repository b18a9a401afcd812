import type { ISecurityGroup, ISubnet, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { EnvironmentSettings, Network } from '../shared/config/environments.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../shared/config/names.ts';
import { addressRule, chatRules, webhookRules } from './settings-rules/alerting.ts';
import { capacityRules, LOG_RETENTION_DAYS } from './settings-rules/capacity.ts';
import { networkRules } from './settings-rules/network.ts';
import { kmsRules, tagRules } from './settings-rules/platform.ts';
import { arnRule, type Rule, yesOrNoRule } from './settings-rules/rule.ts';

/** The settings of shared/config/environments.ts, where a construct may stand for what is named by its id there. */
export interface RenovaSettings extends Omit<EnvironmentSettings, 'network'> {
  readonly network: Network | ExistingVpc;
}

/** A VPC that is there already, by its ids or as constructs of the CDK. */
export interface ExistingVpc {
  readonly vpc: string | IVpc;
  /** Private subnets with a way out. Those of a VPC of the CDK may be left to it. */
  readonly subnets?: readonly (string | ISubnet)[] | SubnetSelection;
  /** One of its own (HTTPS out, nothing in) unless given. */
  readonly securityGroups?: readonly (string | ISecurityGroup)[];
}

/** A setting of an environment is missing or cannot be used. */
export class SettingsError extends Error {
  readonly code = 'invalid-settings';
  override readonly name = 'SettingsError';
}

/** Settings that the command line may choose, by their context key: what to write there, and what it makes of them. */
const CONTEXT_SETTINGS = {
  alarmAddress: {
    placeholder: '<mail address>',
    settingsOf: (email: string): Partial<RenovaSettings> => ({ alarmAddress: { email } }),
  },
  network: {
    placeholder: 'fixed-address',
    settingsOf: (network: string): Partial<RenovaSettings> => ({ network: network as Network }),
  },
} as const;

type ContextKey = keyof typeof CONTEXT_SETTINGS;

/**
 * The settings with what the context of the app says instead, as in `-c alarmAddress=…`. Throws {@link SettingsError}
 * for a key that is neither Renova's nor the CDK's: a misspelt one would change nothing, and nobody would notice.
 */
export function withContext(
  settings: RenovaSettings,
  context: Readonly<Record<string, unknown>>,
): RenovaSettings {
  let changed = settings;
  for (const [key, value] of Object.entries(context)) {
    if (key === 'env' || isKeyOfCdk(key)) continue;
    if (!isContextKey(key)) {
      const known = ['env', ...Object.keys(CONTEXT_SETTINGS)].join(', ');
      throw new SettingsError(
        `Context key ${JSON.stringify(key)} is unknown: expected one of ${known}; other settings are not taken from the context.`,
      );
    }
    if (typeof value !== 'string') {
      throw new SettingsError(`Context key "${key}": expected one text; give it once, as -c ${choice(key)}.`);
    }
    changed = { ...changed, ...CONTEXT_SETTINGS[key].settingsOf(value) };
  }
  return changed;
}

function isContextKey(key: string): key is ContextKey {
  return Object.hasOwn(CONTEXT_SETTINGS, key);
}

function choice(key: ContextKey): string {
  return `${key}=${CONTEXT_SETTINGS[key].placeholder}`;
}

/** Feature flags (`@aws-cdk/…`), the CDK's own keys and what it looked up (`aws:cdk:…`, `vpc-provider:…`), and two more. */
function isKeyOfCdk(key: string): boolean {
  return /^@|:/.test(key) || key === 'cli-telemetry' || key === 'acknowledged-issue-numbers';
}

/**
 * Throws {@link SettingsError} with the first setting that cannot be used. Types are looked at too: a synthesis runs
 * the settings as they are, without a compiler.
 */
export function checkSettings(env: EnvironmentName, settings: RenovaSettings): void {
  if (!ENVIRONMENTS.includes(env))
    throw new SettingsError(`env: expected one of ${ENVIRONMENTS.join(', ')}.`);
  for (const { setting, isGood, expected } of rules(settings)) {
    if (!isGood) {
      const orChoose = isContextKey(setting) ? ` or choose with -c ${choice(setting)}` : '';
      throw new SettingsError(
        `${setting} of ${env}: expected ${expected}; correct this setting of the stack${orChoose}.`,
      );
    }
  }
}

function rules(settings: RenovaSettings): Rule[] {
  const { lapseAlarmPercent, logRetentionDays } = settings;
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
    ...capacityRules(settings),
    {
      setting: 'lapseAlarmPercent',
      isGood: Number.isFinite(lapseAlarmPercent) && lapseAlarmPercent > 0 && lapseAlarmPercent < 50,
      expected: 'a number over 0 and under 50, below which no healthy credential gets',
    },
    {
      setting: 'runbook',
      isGood: settings.runbook === undefined || /^https:\/\/[^\s#]+$/.test(settings.runbook),
      expected: 'a URL that begins with https:// and has no fragment',
    },
    ...kmsRules(settings.kms),
    ...tagRules(settings.tags),
    arnRule('permissionsBoundary', settings.permissionsBoundary, 'iam', 'a managed policy'),
    arnRule('alarmTopic', settings.alarmTopic, 'sns', 'a topic'),
    ...chatRules(settings.chat),
    ...webhookRules(settings.webhook),
    ...networkRules(settings),
  ];
}

const KNOWN = {
  alarmAddress: true,
  isAlarmAddressRequired: true,
  logRetentionDays: true,
  isProtected: true,
  reservedConcurrency: true,
  schedules: true,
  refreshMemoryMb: true,
  lapseAlarmPercent: true,
  quotas: true,
  network: true,
  readThrottle: true,
  kms: true,
  tags: true,
  permissionsBoundary: true,
  alarmTopic: true,
  chat: true,
  webhook: true,
  runbook: true,
  egressZones: true,
  egressAllocationIds: true,
} as const satisfies Record<keyof RenovaSettings, true>;

/** A misspelt setting would leave the one that was meant as it is. */
function knownRule(setting: string): Rule {
  return {
    setting,
    isGood: Object.hasOwn(KNOWN, setting),
    expected: `one of ${Object.keys(KNOWN).join(', ')}`,
  };
}
