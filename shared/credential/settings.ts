import type { ClientAuth, Grant } from '../token-endpoint/token-endpoint.ts';

/** `fresh`: the access token is always valid. `on-demand`: only the chain is kept alive. */
export type Mode = 'fresh' | 'on-demand';

/** What a published value holds: the access token, the pair, or nothing is published at all. */
export type Publish = 'access' | 'pair' | 'none';

/** Requests that one quota allows in any window of its length. Credentials with the same key share it. */
export interface QuotaLimit {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * What a refresh does to the end of the refresh token. `sliding`: every refresh begins its life anew, whether the
 * token is replaced or not. `absolute`: the chain ends when its first refresh token does, whatever replaces it.
 */
export type RefreshTokenLifetime = 'sliding' | 'absolute';

/** What an operator decides about a credential. Durations are those at scale 1 divided by the scale. */
export interface CredentialSettings {
  readonly credential: string;
  readonly provider: string;
  readonly tokenUrl: string;
  readonly scope?: string;
  readonly grant: Grant;
  readonly clientAuth: ClientAuth;
  readonly mode: Mode;
  readonly publish: Publish;
  /** The published value is a parameter of Parameter Store too, under a name that never changes. */
  readonly parameter?: boolean;
  /** Absent: the provider has no quota. */
  readonly quota?: QuotaLimit;
  /** Used when no answer has stated a life. */
  readonly defaultAccessTokenMs: number;
  /** What a person registered: a longer life that an answer states is not believed. */
  readonly accessTokenMaxMs?: number;
  /** Refreshed so long before the access token ends; absent: at half of its life. */
  readonly refreshBeforeMs?: number;
  /** Absent: the provider states no end of the refresh token. */
  readonly refreshTokenMs?: number;
  /** Absent: a new refresh token has a life of its own, one that is not replaced keeps its end. */
  readonly refreshTokenLifetime?: RefreshTokenLifetime;
  /** When the client secret or the certificate ends, as registered (epoch ms). */
  readonly clientExpiresAtMs?: number;
  readonly extra: Readonly<Record<string, string>>;
}
