import type { FunctionRole } from './functions.ts';
import type { EnvironmentName } from './names.ts';

/** Who is told of alerts and alarms by mail: an address, or the name of a parameter that holds it. */
export type AlarmAddress =
  | { readonly email: string }
  /** A String of Parameter Store, read at every deployment: the address is in no repository. */
  | { readonly parameter: string };

/**
 * Where the refresh function runs. `default`: in no VPC, with an address that changes. `fixed-address`: in a VPC made
 * for it, with addresses that a provider can allow. Or in a VPC that is there already.
 */
export type Network = 'default' | 'fixed-address' | ExistingNetwork;

/** A VPC by its ids. Its subnets must be private and have a way to providers, DynamoDB, Secrets Manager and EventBridge. */
export interface ExistingNetwork {
  /** `vpc-…` */
  readonly vpc: string;
  /** `subnet-…`, one a zone. */
  readonly subnets: readonly string[];
  /** `sg-…`; one is made (HTTPS out, nothing in) when they are left out. */
  readonly securityGroups?: readonly string[];
}

/** What a key of KMS may encrypt: secrets of credentials, the seal rings, logs, the topic of alerts. */
export type KeyUse = 'secrets' | 'rings' | 'logs' | 'alerts';

/**
 * Keys of KMS instead of those of AWS: `own` is one that the stack makes, anything else the ARN of one that is there.
 * The topic of alerts has one of the stack in any case.
 */
export interface KmsSettings extends Partial<Readonly<Record<Exclude<KeyUse, 'alerts'>, 'own' | string>>> {
  readonly alerts?: string;
}

/**
 * A channel that Amazon Q Developer in chat applications (AWS Chatbot) writes to. The account must have been connected
 * with the workspace or the tenant once, in its console.
 */
export type ChatSettings =
  /** Ids as Slack has them: `T…`, and `C…` or, of a private channel, `G…`. */
  | { readonly slack: { readonly workspace: string; readonly channel: string } }
  /** Ids as Microsoft Teams has them: two UUIDs, and the channel's (`19:…@thread.tacv2`). */
  | { readonly teams: { readonly tenant: string; readonly team: string; readonly channel: string } };

/** Where alerts and alarms are posted to, signed. The key is the secret `renova/<env>/webhook`. */
export interface WebhookSettings {
  /** `https://…`; nothing secret in it, since it is in the template. */
  readonly url: string;
}

/** What differs between environments. Names follow from the environment's name; code never asks for it. */
export interface EnvironmentSettings {
  /** Nobody is told when it is left out, which only an environment without readers at night may. */
  readonly alarmAddress?: AlarmAddress;
  /** Nobody is on call for what cannot be missed: without an address there is no stack. */
  readonly isAlarmAddressRequired: boolean;
  /** How long functions' logs and access logs are kept: days that CloudWatch Logs offers. */
  readonly logRetentionDays: number;
  /** The stack and its tables refuse to be deleted until somebody lifts the protection. */
  readonly isProtected: boolean;
  /**
   * Invocations of each function at a time, set aside for it. Readers and operators wait for the refresh function,
   * so it has as many as they have together and three more for each schedule: ticks never queue behind readers. `none` is for an
   * account that has too few to set any aside: ticks then compete with everything that runs there.
   */
  readonly reservedConcurrency: Readonly<Record<FunctionRole, number>> | 'none';
  /**
   * Schedules that share the credentials, each with ticks of its own: 1 unless given, at most 8. For more refreshes a
   * second than one function makes; it may be changed at any time.
   */
  readonly schedules?: number;
  /**
   * Memory of the refresh function in MB, and with it its part of a core: 512 unless given, which is enough for some 25
   * refreshes a second; 1,769 are a core.
   */
  readonly refreshMemoryMb?: number;
  /** The alarm on time left goes off when a refresh token has less of its own life left, in percent. */
  readonly lapseAlarmPercent: number;
  /** Requests a minute of each quota that the dashboard draws with its limit, by the quota's key. */
  readonly quotas: Readonly<Record<string, number>>;
  /**
   * Requests a second that the read API takes from all readers together, and how many at once before that counts.
   * What is over is answered with 429.
   */
  readonly readThrottle: { readonly perSecond: number; readonly burst: number };
  /** URL of the handbook in alerts and alarms (`…#refresh-failing`), for whoever has no checkout at hand. */
  readonly runbook?: string;
  /** Keys of KMS. Choose them before the first deployment. */
  readonly kms?: KmsSettings;
  /** Tags on everything, also on the secrets that are made at run time, beside `app` and `environment`. */
  readonly tags?: Readonly<Record<string, string>>;
  /** ARN of the managed policy that bounds every role. */
  readonly permissionsBoundary?: string;
  /** ARN of a topic that is there already: it is told of all that the stack's own topic is, and of `unwell`. */
  readonly alarmTopic?: string;
  /** A channel of Slack or Teams that is told of alerts and alarms. */
  readonly chat?: ChatSettings;
  /** A receiver of alerts and alarms for machines. */
  readonly webhook?: WebhookSettings;
  /** Providers that allow addresses (BS2 in production) need `fixed-address`, or a VPC that has one. */
  readonly network: Network;
  /** In how many zones `fixed-address` has an address and a NAT gateway: 1 or 2. With 1, its zone takes refreshing with it. */
  readonly egressZones: number;
  /** Allocation ids (`eipalloc-…`), one a zone, of addresses that are there already, such as those of a stack that is gone. */
  readonly egressAllocationIds?: readonly string[];
}

/** BS2, "Token Management": "up to 10 access_token and refresh_token requests per minute". */
const QUOTAS = { bs2: 10 };

/** The settings of every environment that a stack can be made for. */
export const ENVIRONMENT_SETTINGS: Readonly<Record<EnvironmentName, EnvironmentSettings>> = {
  hml: {
    isAlarmAddressRequired: false,
    logRetentionDays: 30,
    isProtected: false,
    reservedConcurrency: { refresh: 15, read: 10, admin: 2 },
    lapseAlarmPercent: 25,
    quotas: QUOTAS,
    readThrottle: { perSecond: 50, burst: 100 },
    network: 'default',
    egressZones: 1,
  },
  prd: {
    alarmAddress: { parameter: '/renova/prd/alarm-address' },
    isAlarmAddressRequired: true,
    logRetentionDays: 365,
    isProtected: true,
    reservedConcurrency: { refresh: 50, read: 40, admin: 5 },
    lapseAlarmPercent: 25,
    quotas: QUOTAS,
    readThrottle: { perSecond: 200, burst: 400 },
    network: 'default',
    egressZones: 2,
  },
};
