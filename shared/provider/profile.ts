import type { EnvironmentName } from '../config/names.ts';
import type { RefreshTokenLifetime } from '../credential/settings.ts';
import type { ClientAuth, Grant } from '../token-endpoint/token-endpoint.ts';
import type { ProviderKnowledge } from './knowledge.ts';

/**
 * What is known of a provider, so that an operator need not say it. Data only: a new provider is one such
 * object and an entry in `profiles.ts` (docs/providers.md). Durations in seconds, at scale 1. A URL may have parts that
 * the operator fills in (`https://{subdomain}.provider.example/token`); then the operator gives the whole URL.
 */
export interface ProviderProfile {
  /** As the operator names it, and the key of its quota. */
  readonly provider: string;
  /** Token endpoint by environment; absent: the operator must give it. */
  readonly tokenUrl?: ByEnvironment<string>;
  /** How persons log in; absent: nobody does, or nothing is known of it. */
  readonly login?: ProviderLogin;
  /** How a credential can be kept alive; the first is the default. */
  readonly grants: readonly Grant[];
  /** Its own name for a login by itself, sent as `grant_type`. */
  readonly grantType?: string;
  /** How the client proves who it is, unless the operator says otherwise. */
  readonly clientAuth: ClientAuth;
  /** Where a grant proves the client in another way. */
  readonly clientAuthByGrant?: Readonly<Partial<Record<Grant, ClientAuth>>>;
  /** Its token endpoint wants a certificate of the client too, whatever the client authentication. */
  readonly mutualTls?: true;
  /** The provider takes no request without a scope. */
  readonly scopeRequired: boolean;

  /** Used only when an answer has no `expires_in`. */
  readonly accessTokenSeconds: ByEnvironment<number>;
  /** No answer says how long an access token lives. */
  readonly expiresInAbsent?: true;
  /** So many access tokens of a grant live at once, and one more ends the oldest; absent: all live to their end. */
  readonly accessTokensAlive?: number;

  /** Absent: no end is known. */
  readonly refreshTokenSeconds?: number;
  /** Where the refresh tokens of a grant have another life. */
  readonly refreshTokenSecondsByGrant?: Readonly<Partial<Record<Grant, number>>>;
  /** Absent: each refresh token has a life of its own. */
  readonly refreshTokenLifetime?: RefreshTokenLifetime;
  /** Whether a refresh replaces the refresh token; absent: not known, or there is none. */
  readonly refreshTokenRotation?: 'always' | 'sometimes' | 'never';
  /** How long a replaced refresh token is taken for a while yet, `whole-life`: to its own end. Absent: see `unknown`. */
  readonly refreshTokenGraceSeconds?: number | 'whole-life';
  /** A hard end of the whole chain, from its login, whatever is refreshed. */
  readonly chainSeconds?: number;
  /** Member of the answer that states what the refresh token has left to live. */
  readonly refreshExpiresMember?: string;
  /** How long a client secret or a certificate works. */
  readonly clientSecretSeconds?: number;

  /** Absent: no quota is known. */
  readonly quota?: ProviderQuota;
  /** Sent with every token request, unless the operator says otherwise. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly extra?: Readonly<Record<string, string>>;
  /** Parameters that the operator must give, with what they are. */
  readonly extraRequired?: Readonly<Record<string, string>>;
  /** Absent: a form. */
  readonly body?: 'json' | 'query';
  /** Members of its answers that API calls need. */
  readonly fields?: readonly string[];
  /** The scheme of `Authorization` in API calls, where it is not `Bearer`. */
  readonly authorizationScheme?: string;
  /** No request is taken without a `User-Agent` of the provider's: a clause that says where it comes from. */
  readonly userAgentRequired?: Readonly<Partial<Record<EnvironmentName, string>>>;
  /** Its customer enters the addresses that requests may come from. */
  readonly addressesEntered?: Readonly<Partial<Record<EnvironmentName, true>>>;
  /** Words by which it says that there were too many requests, without a 429. */
  readonly throttleWords?: readonly string[];
  /** A login answers with the networks that the user may name: `renova networks` works. */
  readonly namesNetworks?: boolean;
  /** Each new access token must choose a network there before it is of any use. */
  readonly networkUrl?: string;
}

/** A profile that Renova comes with: what it does with a provider, and what people must know of it. */
export interface KnownProvider extends ProviderProfile {
  readonly knowledge: ProviderKnowledge;
}

type ByEnvironment<Value> = Readonly<Record<EnvironmentName, Value>>;

export interface ProviderQuota {
  readonly limit: number;
  readonly windowSeconds: number;
  /** Absent: one quota for all credentials of the provider. */
  readonly per?: 'credential';
  /** A request over the limit closes the endpoint to its address for so long. */
  readonly banSeconds?: number;
  /** How it answers a request over the limit, where that is no 429. */
  readonly answer?: { readonly status: number; readonly error: string; readonly description: string };
}

export interface ProviderLogin {
  /** Authorization endpoint (RFC 6749 §3.1). */
  readonly authorizeUrl?: ByEnvironment<string>;
  /** Device authorization endpoint (RFC 8628). */
  readonly deviceUrl?: ByEnvironment<string>;
  /** More parameters of the authorization request. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Members that come with the code by the redirect, and that API calls need. */
  readonly redirectFields?: readonly string[];
}

/** The same in both environments. */
export function everywhere<Value>(value: Value): ByEnvironment<Value> {
  return { hml: value, prd: value };
}

const URL_PART = /\{([a-z]+)\}/g;

/** The parts of a profile's URL that the operator fills in, by name. */
export function partsOf(url: string): readonly string[] {
  return [...url.matchAll(URL_PART)].map(([, name = '']) => name);
}

/** A profile's URL with each part replaced by its own name, as the sandbox serves it. */
export function plainUrl(url: string): string {
  return url.replaceAll(URL_PART, '$1');
}
