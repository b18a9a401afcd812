import type { RefreshTokenLifetime } from '../credential/settings.ts';
import type { ClientAuth, Grant } from '../token-endpoint/token-endpoint.ts';

/**
 * What is known of a provider, so that an operator need not say it. Data only: a new provider is one such
 * object and an entry in `profiles.ts` (docs/providers.md). Durations in seconds, at scale 1.
 */
export interface ProviderProfile {
  /** As the operator names it, and the key of its quota. */
  readonly provider: string;
  /** Token endpoint by environment; absent: the operator must give it. */
  readonly tokenUrl?: Readonly<Record<'hml' | 'prd', string>>;
  /** How a credential can be kept alive; the first is the default. */
  readonly grants: readonly Grant[];
  /** How the client proves who it is, unless the operator says otherwise. */
  readonly clientAuth: ClientAuth;
  /** Where a grant proves the client in another way. */
  readonly clientAuthByGrant?: Readonly<Partial<Record<Grant, ClientAuth>>>;
  /** The provider takes no request without a scope. */
  readonly scopeRequired: boolean;
  /** Used only when an answer has no `expires_in`. */
  readonly accessTokenSeconds: Readonly<Record<'hml' | 'prd', number>>;
  /** Absent: no end is known. */
  readonly refreshTokenSeconds?: number;
  /** Where the refresh tokens of a grant have another life. */
  readonly refreshTokenSecondsByGrant?: Readonly<Partial<Record<Grant, number>>>;
  /** Absent: each refresh token has a life of its own. */
  readonly refreshTokenLifetime?: RefreshTokenLifetime;
  /** Absent: no quota is known. */
  readonly quota?: {
    readonly limit: number;
    readonly windowSeconds: number;
    /** Absent: one quota for all credentials of the provider. */
    readonly per?: 'credential';
  };
  /** Sent with every token request, unless the operator says otherwise. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly extra?: Readonly<Record<string, string>>;
  /** Members of its answers that API calls need. */
  readonly fields?: readonly string[];
  /** No request is taken without a `User-Agent` of the provider's: a clause that says where it comes from. */
  readonly userAgentRequired?: Readonly<Partial<Record<'hml' | 'prd', string>>>;
  /** Words by which it says that there were too many requests, without a 429. */
  readonly throttleWords?: readonly string[];
  /** A login answers with the networks that the user may name: `renova networks` works. */
  readonly namesNetworks?: boolean;
}
