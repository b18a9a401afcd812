import { Token } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { EnvironmentSettings, KeyUse, Network } from '../shared/config/environments.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../shared/config/names.ts';
import { BUCKETS } from '../shared/config/shards.ts';

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

interface Rule {
  readonly setting: string;
  readonly isGood: boolean;
  readonly expected: string;
}

function rules(settings: RenovaSettings): Rule[] {
  const { lapseAlarmPercent, logRetentionDays, quotas } = settings;
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
      isGood: isObject(quotas),
      expected: "requests a minute by the quota's key",
    },
    ...Object.entries(quotas ?? {}).map(([key, perMinute]) =>
      countRule(`quotas.${key}`, perMinute, 'requests a minute'),
    ),
    ...concurrencyRules(settings),
    {
      setting: 'schedules',
      isGood: settings.schedules === undefined || isSchedules(settings.schedules),
      expected: `a whole number from 1 to ${BUCKETS}`,
    },
    {
      setting: 'lapseAlarmPercent',
      isGood: Number.isFinite(lapseAlarmPercent) && lapseAlarmPercent > 0 && lapseAlarmPercent < 50,
      expected: 'a number over 0 and under 50, below which no healthy credential gets',
    },
    countRule('readThrottle.perSecond', settings.readThrottle?.perSecond, 'requests a second'),
    countRule('readThrottle.burst', settings.readThrottle?.burst, 'requests'),
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

function yesOrNoRule(setting: keyof RenovaSettings, value: unknown): Rule {
  return { setting, isGood: typeof value === 'boolean', expected: 'true or false' };
}

/** For ever is none of them. */
const LOG_RETENTION_DAYS = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
) as number[];

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

function addressRule({ alarmAddress, isAlarmAddressRequired, alarmTopic }: RenovaSettings): Rule {
  const setting = 'alarmAddress';
  if (alarmAddress === undefined) {
    return {
      setting,
      isGood: !isAlarmAddressRequired || alarmTopic !== undefined,
      expected: 'somebody who is told of alarms',
    };
  }
  if (!isObject(alarmAddress)) {
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

function kmsRules(kms: RenovaSettings['kms'] = {}): Rule[] {
  const uses: Readonly<Record<KeyUse, true>> = { secrets: true, rings: true, logs: true, alerts: true };
  if (!isObject(kms))
    return [{ setting: 'kms', isGood: false, expected: `{ ${Object.keys(uses).join(', ')} }` }];
  return Object.entries(kms).flatMap(([use, key]) =>
    [
      {
        setting: `kms.${use}`,
        isGood: Object.hasOwn(uses, use),
        expected: `one of ${Object.keys(uses).join(', ')}`,
      },
      use !== 'alerts' && key === 'own' ? [] : arnRule(`kms.${use}`, key, 'kms', 'a key'),
    ].flat(),
  );
}

/** What AWS takes, of 40 at most: ten are for what tools add. */
function tagRules(tags: RenovaSettings['tags'] = {}): Rule[] {
  if (!isObject(tags) || Array.isArray(tags))
    return [{ setting: 'tags', isGood: false, expected: '{ name: value }' }];
  const entries = Object.entries(tags);
  return [
    { setting: 'tags', isGood: entries.length <= 40, expected: '40 tags at most' },
    ...entries.map(([key, value]) => ({
      setting: 'tags',
      isGood: isTag(key, 1, 128) && !/^(aws:|app$|environment$)/i.test(key) && isTag(value, 0, 256),
      expected:
        'names of 1 to 128 and values of up to 256 letters, digits, blanks and _ . : / = + - @, and other names than app, environment and aws:…',
    })),
  ];
}

function isTag(text: unknown, least: number, most: number): boolean {
  if (typeof text !== 'string') return false;
  return (
    Token.isUnresolved(text) ||
    (text.length >= least && text.length <= most && /^[\p{L}\p{N} _.:/=+@-]*$/u.test(text))
  );
}

function arnRule(setting: string, value: unknown, service: string, of: string): Rule {
  return {
    setting,
    isGood:
      value === undefined ||
      (typeof value === 'string' &&
        (Token.isUnresolved(value) || new RegExp(`^arn:aws[\\w-]*:${service}:\\S+$`).test(value))),
    expected: `the ARN of ${of}`,
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ids of a channel, as AWS::Chatbot takes them. */
const CHAT_IDS = {
  slack: { workspace: /^[0-9A-Z]{1,255}$/, channel: /^[A-Z0-9]{9,}$/ },
  teams: { tenant: UUID, team: UUID, channel: /^19(?::|%3A)[\w.%@-]{1,500}$/i },
} as const;

function chatRules(chat: unknown): Rule[] {
  if (chat === undefined) return [];
  const [kind = '', ...more] = isObject(chat) ? Object.keys(chat) : [];
  const ids = kind === 'slack' || kind === 'teams' ? CHAT_IDS[kind] : undefined;
  if (!isObject(chat) || !ids || more.length > 0) {
    const expected = '{ slack: { workspace, channel } } or { teams: { tenant, team, channel } }';
    return [{ setting: 'chat', isGood: false, expected }];
  }
  const given: unknown = (chat as Readonly<Record<string, unknown>>)[kind];
  const members = (isObject(given) ? given : {}) as Readonly<Record<string, unknown>>;
  const rules = Object.entries(ids).map(([id, pattern]) => ({
    setting: `chat.${kind}.${id}`,
    isGood: typeof members[id] === 'string' && (Token.isUnresolved(members[id]) || pattern.test(members[id])),
    expected: `the id that ${kind === 'slack' ? 'Slack' : 'Microsoft Teams'} has for it`,
  }));
  return [...rules, ...membersRules(`chat.${kind}`, members, Object.keys(ids))];
}

function webhookRules(webhook: unknown): Rule[] {
  if (webhook === undefined) return [];
  if (!isObject(webhook)) return [{ setting: 'webhook', isGood: false, expected: '{ url }' }];
  const { url } = webhook as { readonly url?: unknown };
  return [
    {
      setting: 'webhook.url',
      isGood: typeof url === 'string' && (Token.isUnresolved(url) || isReceiver(url)),
      expected: 'a URL that begins with https:// and has no user, password or fragment',
    },
    ...membersRules('webhook', webhook, ['url']),
  ];
}

function isReceiver(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return protocol === 'https:' && !username && !password && !hash && !text.includes('#');
}

/** Members that are none of `known` would change nothing. */
function membersRules(setting: string, given: object, known: readonly string[]): Rule[] {
  return Object.keys(given)
    .filter((member) => !known.includes(member))
    .map((member) => ({
      setting: `${setting}.${member}`,
      isGood: false,
      expected: `one of ${known.join(', ')}`,
    }));
}

function networkRules({ network, egressZones, egressAllocationIds }: RenovaSettings): Rule[] {
  return [
    ...(typeof network === 'object' && network !== null ? existingVpcRules(network) : [networkRule(network)]),
    { setting: 'egressZones', isGood: [1, 2].includes(egressZones), expected: '1 or 2' },
    {
      setting: 'egressAllocationIds',
      isGood:
        egressAllocationIds === undefined ||
        (isListOf(egressAllocationIds, (each) => isId(each, 'eipalloc')) &&
          new Set(egressAllocationIds).size === egressZones),
      expected: 'one id (eipalloc-…) for each of egressZones',
    },
  ];
}

function networkRule(network: unknown): Rule {
  return {
    setting: 'network',
    isGood: network === 'default' || network === 'fixed-address',
    expected: 'default, fixed-address or { vpc, subnets, securityGroups }',
  };
}

/** Ids are looked at as far as they are known at the synthesis: those of constructs are not. */
function existingVpcRules({ vpc, subnets, securityGroups, ...unknown }: ExistingVpc): Rule[] {
  return [
    ...Object.keys(unknown).map((member) => ({
      setting: `network.${member}`,
      isGood: false,
      expected: 'one of vpc, subnets, securityGroups',
    })),
    {
      setting: 'network.vpc',
      isGood: isId(vpc, 'vpc') || isConstruct(vpc, 'vpcId'),
      expected: 'the id of a VPC (vpc-…), or a VPC of the CDK',
    },
    {
      setting: 'network.subnets',
      isGood: Array.isArray(subnets)
        ? isListOf(subnets, (each) => isId(each, 'subnet') || isConstruct(each, 'subnetId'))
        : isConstruct(vpc, 'vpcId') && (subnets === undefined || isObject(subnets)),
      expected: 'one id (subnet-…) or more of private subnets with a way out',
    },
    {
      setting: 'network.securityGroups',
      isGood:
        securityGroups === undefined ||
        isListOf(securityGroups, (each) => isId(each, 'sg') || isConstruct(each, 'securityGroupId')),
      expected: 'one id (sg-…) or more, or nothing',
    },
  ];
}

function isId(value: unknown, prefix: string): boolean {
  return (
    typeof value === 'string' &&
    (Token.isUnresolved(value) || new RegExp(`^${prefix}-[0-9a-f]+$`).test(value))
  );
}

function isConstruct(value: unknown, idProperty: string): boolean {
  return isObject(value) && idProperty in value;
}

function isListOf(value: unknown, isGood: (each: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isGood);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function countRule(setting: string, count: number | undefined, of: string): Rule {
  return {
    setting,
    isGood: Number.isInteger(count) && Number(count) >= 1,
    expected: `a whole number of ${of}, 1 or more`,
  };
}
