/** What one seed came to. The members are those of docs ("Scripts"); every one from the simulator's own record. */
export interface Figures {
  readonly strategy: 'renova' | 'naive';
  readonly days: number;
  readonly credentials: number;
  readonly seed: number;
  /** Token pairs that the provider issued for a refresh token. */
  readonly refreshes: number;
  readonly provider_requests: number;
  /** Requests that the provider answered with 429. */
  readonly throttled: number;
  /** The most requests that arrived in any window of the quota's length. */
  readonly busiest_window: number;
  /** Summed over the credentials: time in which no door had an unexpired token. */
  readonly expired_seconds: number;
  /** The same from what the readers of one door were really given: no token, or a dead one. */
  readonly expired_seconds_secrets: number;
  readonly expired_seconds_read: number;
  /** Reads that got no token, at any door. */
  readonly refused_reads: number;
  readonly dead_tokens_served: number;
  /** Chains that needed another login of a person. */
  readonly chains_lost: number;
  readonly chains_lost_unavoidably: number;
  readonly version_quota_refusals: number;
  /** The most versions younger than a day that any secret had. */
  readonly peak_versions_per_secret: number;
  /** From a threshold (24, 12, 6 and 1 hours before the end of a refresh token) to the accepted warning. */
  readonly max_lapse_warning_delay_seconds: number;
}
