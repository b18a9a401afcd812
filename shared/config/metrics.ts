/** Namespace of every metric in CloudWatch. */
export const METRICS_NAMESPACE = 'Renova';

/** The dimension `service` of every metric: only the refresh function reports any. */
export const METRICS_SERVICE = 'renova-refresh';

/** One metric: how it is reported, in what unit, the statistic that answers its question, and what it says. */
export interface MetricDefinition {
  /** `count`: adds up. `measure`: an observation. `quota`: an observation of one quota, with its key as a dimension. */
  readonly kind: 'count' | 'measure' | 'quota';
  /** A unit of CloudWatch, which knows no hours. */
  readonly unit: 'Count' | 'Milliseconds' | 'None' | 'Percent' | 'Seconds';
  readonly statistic: 'Sum' | 'Maximum' | 'Minimum' | 'p99';
  readonly meaning: string;
}

/**
 * Every metric of Renova. docs/metrics.md is this list with what goes without saying here; a test compares
 * them. No dimension is a credential's id: there may be thousands.
 */
export const METRICS = {
  Ticks: counted(
    'Ticks that did their work, whether anything was due or not. None for 3 minutes is an alarm.',
  ),
  StoreFailures: counted('Credentials that a tick could do nothing for: a store failed before the post.'),
  RefreshesSucceeded: counted('Token requests that brought a pair.'),
  RefreshesNotSent: counted('Token requests of which no byte left: DNS, connection, TLS, or too late.'),
  RefreshesThrottled: counted('Token requests answered with 429.'),
  RefreshesUnknown: counted('Token requests without a definite answer: the refresh token may be spent.'),
  RefreshesGarbled: counted('Token requests answered with a 2xx that could not be understood.'),
  RefreshesRefusedGrant: counted('Token requests whose refresh token, or login, was refused.'),
  RefreshesRefusedClient: counted('Token requests whose client or settings were refused.'),
  LoginsSucceeded: counted(
    'Logins that a person asked for (register, reseed, networks) and that brought a token.',
  ),
  LoginsFailed: counted('Such logins that brought none, whatever the provider said.'),
  PublishFailures: counted('Pairs that did not get into their lane when it was tried.'),
  EventsRefused: counted('Events that the bus did not accept; they are offered again.'),
  PublishRepairs: counted('Pairs published from the ledger by a later run than the one that brought them.'),
  Adoptions: counted('Pairs that the ledger had missed, made current from a rescue copy, a spare or a lane.'),
  UnresolvedAttempts: counted(
    'Attempts that ended without a kept pair, when their result or its absence was found, and refreshes that ended their process.',
  ),

  CredentialsDue: measured('Count', 'Maximum', 'Credentials that a tick found due.'),
  CredentialsLeft: measured('Count', 'Maximum', 'Of these, still waiting when the time of the tick was up.'),
  SecondsSinceLastTick: measured(
    'Seconds',
    'Maximum',
    'From the start of the tick before to the start of this one.',
  ),
  ProviderLatency: measured(
    'Milliseconds',
    'p99',
    'From sending a token request, connection included, to its outcome. None for what was not sent.',
  ),

  ActiveCredentials: measured('Count', 'Maximum', 'Credentials that are kept alive, failing ones included.'),
  PausedCredentials: measured('Count', 'Maximum', 'Credentials that an operator paused.'),
  LapsedCredentials: measured(
    'Count',
    'Maximum',
    'Credentials whose chain is over: a person must log in at the provider.',
  ),
  FailingCredentials: measured(
    'Count',
    'Maximum',
    'Active credentials whose last refresh failed, and credentials whose record is damaged.',
  ),
  ExpiredCredentials: measured(
    'Count',
    'Maximum',
    'Active fresh credentials whose access token has expired, whatever the reason.',
  ),
  UnpublishedCredentials: measured(
    'Count',
    'Maximum',
    'Credentials whose pair has waited for its lane for more than two ticks.',
  ),
  HoursToLapse: measured(
    'None',
    'Minimum',
    'Hours until the first refresh token of an active or paused credential ends. None without such a token.',
  ),
  ChainLifeLeft: measured(
    'Percent',
    'Minimum',
    'Least that is left of the life of the refresh token of an active or paused credential.',
  ),

  QuotaUsed: ofQuota('Permits that count now, in percent of the limit.'),
  QuotaDemanded: ofQuota(
    'Requests that keep its active credentials fresh, in percent of what the quota can serve.',
  ),
} as const;

export type MetricName = keyof typeof METRICS;

type OfKind<Kind> = {
  [Name in MetricName]: (typeof METRICS)[Name] extends { readonly kind: Kind } ? Name : never;
}[MetricName];

export type CountName = OfKind<'count'>;
export type MeasureName = OfKind<'measure'>;
export type QuotaMeasureName = OfKind<'quota'>;

function counted(meaning: string) {
  return { kind: 'count', unit: 'Count', statistic: 'Sum', meaning } as const satisfies MetricDefinition;
}

function measured(unit: MetricDefinition['unit'], statistic: MetricDefinition['statistic'], meaning: string) {
  return { kind: 'measure', unit, statistic, meaning } as const satisfies MetricDefinition;
}

function ofQuota(meaning: string) {
  return {
    kind: 'quota',
    unit: 'Percent',
    statistic: 'Maximum',
    meaning,
  } as const satisfies MetricDefinition;
}
