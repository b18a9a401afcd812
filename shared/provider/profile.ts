import type { ClientAuth, Grant } from '../token-endpoint/token-endpoint.ts';

/** What is known of a provider, so that an operator need not say it. Durations in seconds, at scale 1. */
export interface ProviderProfile {
  readonly provider: string;
  /** Token endpoint by environment; absent: the operator must give it. */
  readonly tokenUrl?: Readonly<Record<'hml' | 'prd', string>>;
  readonly grants: readonly Grant[];
  readonly clientAuth: ClientAuth;
  /** The provider takes no request without a scope. */
  readonly scopeRequired: boolean;
  /** Used only when an answer has no `expires_in`. */
  readonly accessTokenSeconds: Readonly<Record<'hml' | 'prd', number>>;
  /** Absent: no end is known. */
  readonly refreshTokenSeconds?: number;
  /** Absent: no quota is known. */
  readonly quota?: { readonly limit: number; readonly windowSeconds: number };
}
