/**
 * Everything that Renova tells: the detail types of its events, their members, who is told of which by mail, and in
 * which words. Types, rules, mails and the reference derive from here or are compared with it; a type that is added
 * here does not compile until shared/events can tell it, and fails a test until the handbook says what to do.
 */
export interface EventDefinition {
  /** When it is told. */
  readonly when: string;
  /** The mails that people get of it; none: it is for machines. */
  readonly mails: readonly MailName[];
}

export const EVENTS = {
  'Token Refreshed': {
    when: 'a new pair is current, and published unless `publish: none`',
    mails: [],
  },
  'Refresh Failing': {
    when: 'the third failure in a row; for `fresh` credentials at the latest two ticks after the access token expired unrenewed, whatever the reason',
    mails: ['bad'],
  },
  'Provider Failing': {
    when: 'three or more credentials of one provider fail together: once, instead of `Refresh Failing` or `Credential Misconfigured` for each. Told again with `credentials` 0 when all have been well for a quarter of an hour, or longer if it keeps coming back',
    mails: ['provider', 'provider-well'],
  },
  'Refresh Token Lapsing': {
    when: '24, 12, 6 and 1 hours before the end of the refresh token, as far as these lie in the second half of its life; where it lives for less than two hours, when a quarter of its life is left; of several at once only the last',
    mails: ['bad'],
  },
  'Credential Lapsed': {
    when: 'the chain has ended; of a paused credential, at the stated end of its refresh token',
    mails: ['bad'],
  },
  'Credential Misconfigured': {
    when: 'the provider refuses the client or the login, Renova cannot read the client secret or a seal key, a new client secret has been refused for a quarter of an hour (once, while the one before it is used; of an app once for all of its credentials, with `credential` `*`), or the provider issues an access token that no HTTP header can carry',
    mails: ['bad'],
  },
  'Token Unpublished': {
    when: 'a pair has waited for its lane for more than two ticks; once until it is published. Of three or more credentials whose pairs wait it is one event, of all of them (`credential` is `*`), and so is its end, `Credential Recovered`',
    mails: ['bad'],
  },
  'Token Reported Refused': {
    when: 'a reader reported the current generation; once as long as reports go on: until an hour, or the life of a token, passes without one',
    mails: ['bad'],
  },
  'Client Secret Expiring': {
    when: '30, 14, 7 and 1 days before the registered end of the client secret or the certificate; of several at once only the last; of an app once for all of its credentials, with `credential` `*`',
    mails: ['bad'],
  },
  'Credential Recovered': {
    when: 'after `Refresh Failing`, `Credential Misconfigured`, `Credential Lapsed` or `Token Unpublished`: it is well again. The first time at once; if the trouble keeps coming back, after a quarter of an hour of health, and longer each time',
    mails: ['well'],
  },
  'Test Alert': {
    when: 'an operator asked for it (`doctor --alert`): `credential` is `test-alert`, `provider` `renova`, `generation` 0, `reason` the code to repeat',
    mails: ['bad'],
  },
} as const satisfies Readonly<Record<string, EventDefinition>>;

/** Detail type of an event. */
export type EventType = keyof typeof EVENTS;

export const EVENT_TYPES = Object.keys(EVENTS) as readonly EventType[];

/** The members of an event's detail, with their type and where they are, as the reference has them. */
export const EVENT_MEMBERS = {
  environment: ['string', 'all'],
  credential: ['string', 'all; `*` in `Provider Failing`, and where many are told as one'],
  provider: ['string', 'all'],
  app: ['string', 'where it is about the client of an app'],
  generation: ['integer: the current one', 'all; 0 where `credential` is `*`'],
  at: ['time: when it was told', 'all'],
  expires_at: ['time: end of the access token', 'where there is one'],
  refresh_token_expires_at: ['time', 'where an end is known'],
  failing_since: ['time', 'while refreshes fail'],
  attempts: ['integer: how many failed in a row', 'while refreshes fail'],
  hours_left: [
    '24, 12, 6 or 1; less than 1 (0.25 is 15 minutes) where it lives for less than two hours',
    '`Refresh Token Lapsing`',
  ],
  days_left: ['30, 14, 7 or 1', '`Client Secret Expiring`'],
  credentials: ['integer: how many fail together; 0 when it is over', 'where `credential` is `*`'],
  reason: ['code, as in the [summary](#summary)', 'while it fails or has lapsed'],
  explanation: ['a sentence: what it means', 'all'],
  outlook: [
    'a sentence: until when readers are served, and when a person must log in',
    'all alerts of a credential',
  ],
  remedy: ['a sentence, with the command as it is typed', 'all alerts'],
  command: ['object: `name`, `id` and `flags` of that command', 'where there is one'],
  runbook: ['URL or path of the page that says more', 'all alerts'],
} as const satisfies Readonly<Record<string, readonly [type: string, where: string]>>;

export type EventMember = keyof typeof EVENT_MEMBERS;

const HOW_TO_RUN =
  'Commands run in a checkout of Renova, or where its own package is installed; a package "renova" of the public registry is not it.';

/** One mail: its lines, and of which events of its types it is sent, by a pattern of EventBridge for the detail. */
export interface MailDefinition {
  readonly lines: readonly string[];
  readonly matching?: Readonly<Record<string, readonly unknown[]>>;
}

/**
 * The mails. `{type}` is the detail type, every other `{member}` one of the detail. Every member that is named is in
 * every event that the mail is sent of: EventBridge would leave an empty place.
 */
export const MAILS: Readonly<Record<MailName, MailDefinition>> = {
  bad: {
    lines: [
      'Renova {environment}: {credential} ({provider}): {type}',
      'WHY: {explanation}',
      'DO: {remedy}',
      'TIME: {outlook}',
      'MORE: {runbook}',
      `Told at {at}. ${HOW_TO_RUN}`,
    ],
  },
  provider: {
    matching: { credentials: [{ numeric: ['>', 0] }] },
    lines: [
      'Renova {environment}: {provider}: {type}: {credentials} credentials',
      'WHY: {explanation}',
      'DO: {remedy}',
      'MORE: {runbook}',
      `Told at {at}, once for all of them. ${HOW_TO_RUN}`,
    ],
  },
  'provider-well': {
    matching: { credentials: [{ numeric: ['=', 0] }] },
    lines: [
      'Renova {environment}: {provider}: {type} is over',
      '{explanation}',
      'Nothing to do. Told at {at}.',
    ],
  },
  well: {
    lines: [
      'Renova {environment}: {credential} ({provider}): {type}',
      '{explanation}',
      'Nothing to do. Told at {at}.',
    ],
  },
};

export type MailName = 'bad' | 'provider' | 'provider-well' | 'well';

/** True for what a person must hear of: it has a remedy and a page of the handbook. */
export function isAlert(type: EventType): boolean {
  const mails: readonly MailName[] = EVENTS[type].mails;
  return mails.includes('bad') || mails.includes('provider');
}

/** Where the handbook is, for a stack that was not told of a better place. */
export const DEFAULT_RUNBOOK = 'docs/operations.md';

/** The section of the handbook about events of this type. */
export function runbookOf(type: EventType, runbook = DEFAULT_RUNBOOK): string {
  return `${runbook}#${type.toLowerCase().replaceAll(' ', '-')}`;
}

/** How the program of the commands is called in a text that is read anywhere: npx then takes none from a registry. */
export const PROGRAM = 'npx --no-install renova';
