import type { FailureReason } from '../failure/reasons.ts';
import type { Secret } from '../secret/secret.ts';
import type { AnswerFields } from './answer/answer-fields.ts';
import type { ClientAuth } from './client-auth.ts';
import type { Grant } from './grant.ts';
import type { RequestBody, RequestMethod } from './request-body.ts';

export type { ClientAuth } from './client-auth.ts';
export type { Grant } from './grant.ts';

/** What a credential's client secret holds (secret `…/client`). Absent: the provider does not use it. */
export interface ClientSecret {
  /** Empty for a provider that knows no clients. */
  readonly clientId: string;
  /** May be empty with the client authentication `basic`. */
  readonly clientSecret?: Secret;
  readonly username?: string;
  readonly password?: Secret;
  /** Logs in to this network of the user's: the user name is sent as `network/username` (BSN). */
  readonly network?: string;
  /** Headers of token requests whose values are secret, by name. */
  readonly headers?: Readonly<Record<string, Secret>>;
  /** PEM (PKCS #8, PKCS #1, SEC 1) or JWK: signs assertions, and is the key of `certificate`. */
  readonly privateKey?: Secret;
  /** `kid` of the assertions; absent: they have none, or the one of the JWK. */
  readonly keyId?: string;
  /** `alg` of the assertions (`PS256`, `ES256`); absent: the one of the JWK, or the usual one of the key's type. */
  readonly algorithm?: string;
  /**
   * PEM chain, the client's own certificate first: shown to the server in every TLS handshake, whatever the client
   * authentication. A private key in the same text goes with it, for clients that sign with another key.
   */
  readonly certificate?: Secret;
}

/** What a person's login in a browser brought (RFC 6749 §4.1.3, RFC 7636 §4.5). */
export interface AuthorizationCode {
  readonly code: Secret;
  readonly redirectUri: string;
  readonly codeVerifier: Secret;
}

/** What a device has whose person decides elsewhere (RFC 8628 §3.4): asked with until they have. */
export interface DeviceCode {
  readonly deviceCode: Secret;
}

/** What a person's login is exchanged with. */
export type LoginCode = AuthorizationCode | DeviceCode;

/** What every token request of a credential has in common, as it was registered. */
export interface TokenRequestSettings {
  /** Where the request goes. Of a request, the caller chooses: at a refresh, the `refresh_url` if one is registered. */
  readonly tokenUrl: string;
  readonly clientAuth: ClientAuth;
  /** Sent as given when present. A request leaves it out where a refresh must not repeat it (`refresh_scope`). */
  readonly scope?: string;
  /** Sent as `grant_type` at a login, for providers with a value of their own. A refresh never has another. */
  readonly grantType?: string;
  /** More parameters. A list is sent as the same parameter once for each value. */
  readonly extra: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as `User-Agent`, and handed to readers for their own calls; absent: `renova`, and readers have none. */
  readonly userAgent?: string;
  /** Further headers, by name. Those that HTTP or Renova owns are refused (`isOwnHeader`). */
  readonly headers?: Readonly<Record<string, string>>;
  /** How the parameters travel; absent: `form`. */
  readonly body?: RequestBody;
  /** Absent: `POST`. */
  readonly method?: RequestMethod;
  /** PEM of the private authority that vouches for the token URL; absent: those that the machine trusts. */
  readonly ca?: string;
}

/** One token request: everything that is needed to build it, and nothing that must be looked up. */
export interface TokenRequest extends TokenRequestSettings {
  readonly client: ClientSecret;
  readonly grant: Grant;
  /** Needed by the grant `refresh_token`. */
  readonly refreshToken?: Secret;
  /** A code to exchange: then it is neither a refresh nor another login. */
  readonly code?: LoginCode;
  /**
   * Words by which this provider says that there were too many requests, without a 429 (a profile knows them, such as
   * Zoho's "too many requests"): looked for in the code and in the description of an error, without case.
   */
  readonly throttleWords?: readonly string[];
}

/**
 * How long a post may take. The endpoint has no time-out of its own, so that how long an answer is waited for can be
 * a setting: the caller's arithmetic (lease, time left of the invocation) decides both.
 */
export interface PostLimits {
  /** The request is sent only if the connection is ready before this (monotonic ms, {@link Clock}). */
  readonly sendByMs: number;
  /** Nothing is waited for after this (monotonic ms). */
  readonly answerByMs: number;
}

/** A usable token response, taken leniently from a 2xx. What the answer does not state is absent: nothing is guessed. */
export interface TokenResponse {
  readonly accessToken: Secret;
  /** Absent: the server did not rotate, the old one stays good (RFC 6749 §6). */
  readonly refreshToken?: Secret;
  readonly tokenType: string;
  /** Space-separated; absent when the answer had none. */
  readonly scope?: string;
  /**
   * Whole seconds that the access token lives, as the answer states it: a duration, or what is left until a moment.
   * 0: it is at its end already, must never be served, and is asked for again at the next turn. Absent: no life is
   * stated that can be understood, so the last stated one holds, then the registered one, then the profile's. One that
   * was registered by hand is also the most that is believed of a stated one.
   */
  readonly expiresInSeconds?: number;
  /** The same of the refresh token, never 0. Absent: nothing is stated of its end. */
  readonly refreshTokenExpiresInSeconds?: number;
  /** Networks of the user who logged in (`networkNames`, BSN). */
  readonly networks?: readonly string[];
  /** The other members of the answer, of which chosen ones are published. No token can be had from it. */
  readonly fields?: AnswerFields;
}

/** What one post came to. Exactly one of these; the table in docs says what follows from each. */
export type Outcome =
  | { readonly kind: 'success'; readonly response: TokenResponse }
  /**
   * A 2xx in which something of a pair may be and no access token can be read: the refresh token may be spent, and its
   * successor is in here. The first 64 KiB.
   */
  | {
      readonly kind: 'garbled';
      readonly body: Secret;
      /** The new refresh token, when it came whole: the chain can go on with it. */
      readonly refreshToken?: Secret;
    }
  /** No byte of the request left this machine (DNS, connect, TLS, deadline before the connection was ready). */
  | { readonly kind: 'not-sent'; readonly reason: FailureReason }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds?: number }
  /** The request left and no definite answer came back: the refresh token may be spent. */
  | { readonly kind: 'unknown'; readonly reason: FailureReason; readonly retryAfterSeconds?: number }
  | { readonly kind: 'refused-grant'; readonly reason: FailureReason }
  /** A 4xx without an OAuth error code (a firewall, a deployment): nothing is spent, and nobody knows of what. */
  | { readonly kind: 'refused'; readonly reason: FailureReason; readonly retryAfterSeconds?: number }
  /** The settings are wrong, by the provider's word or because no request can be made of them: nothing is spent. */
  | { readonly kind: 'refused-client'; readonly reason: FailureReason };

/**
 * Sends one token request, once. Never rejects for anything that happens on the way: every end is an
 * {@link Outcome}. `reason` is a short code with no text of the provider's in it (an answer may echo tokens).
 */
export interface TokenEndpoint {
  post(request: TokenRequest, limits: PostLimits): Promise<Outcome>;
}
