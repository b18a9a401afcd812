import type { Secret } from '../secret/secret.ts';

/** How the client proves who it is at the token endpoint (RFC 6749 §2.3.1; `none`: a public client). */
export type ClientAuth = 'post' | 'basic' | 'none';

export type Grant = 'refresh_token' | 'password' | 'client_credentials';

/** What a credential's client secret holds (secret `…/client`). Absent: the provider does not use it. */
export interface ClientSecret {
  /** Empty for a provider that knows no clients. */
  readonly clientId: string;
  readonly clientSecret?: Secret;
  readonly username?: string;
  readonly password?: Secret;
  /** Logs in to this network of the user's: the user name is sent as `network/username` (BSN). */
  readonly network?: string;
}

/** One token request: everything that is needed to build it, and nothing that must be looked up. */
export interface TokenRequest {
  readonly tokenUrl: string;
  readonly clientAuth: ClientAuth;
  readonly client: ClientSecret;
  readonly grant: Grant;
  /** Needed by the grant `refresh_token`. */
  readonly refreshToken?: Secret;
  /** Sent as given when present. */
  readonly scope?: string;
  /** More body parameters. */
  readonly extra: Readonly<Record<string, string>>;
}

export interface PostLimits {
  /** The request is sent only if the connection is ready before this (monotonic ms, {@link Clock}). */
  readonly sendByMs: number;
  /** Nothing is waited for after this (monotonic ms). */
  readonly answerByMs: number;
}

/** A usable token response, taken leniently from a 200. */
export interface TokenResponse {
  readonly accessToken: Secret;
  /** Absent: the server did not rotate, the old one stays good (RFC 6749 §6). */
  readonly refreshToken?: Secret;
  readonly tokenType: string;
  /** Space-separated; absent when the answer had none. */
  readonly scope?: string;
  /** Seconds; absent when the answer had none that can be understood. */
  readonly expiresInSeconds?: number;
  readonly refreshTokenExpiresInSeconds?: number;
  /** Networks of the user who logged in (`networkNames`, BSN). */
  readonly networks?: readonly string[];
}

/** What one post came to. Exactly one of these; the table in docs says what follows from each. */
export type Outcome =
  | { readonly kind: 'success'; readonly response: TokenResponse }
  /** A 200 with JSON that is cut off or has no access token: the refresh token is spent. The first 64 KiB. */
  | {
      readonly kind: 'garbled';
      readonly body: Secret;
      /** The new refresh token, when it came whole: the chain can go on with it. */
      readonly refreshToken?: Secret;
    }
  /** No byte of the request left this machine (DNS, connect, TLS, deadline before the connection was ready). */
  | { readonly kind: 'not-sent'; readonly reason: string }
  | { readonly kind: 'throttled'; readonly retryAfterSeconds?: number }
  /** The request left and no definite answer came back: the refresh token may be spent. */
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'refused-grant'; readonly reason: string }
  /** The settings are wrong, by the provider's word or because no request can be made of them: nothing is spent. */
  | { readonly kind: 'refused-client'; readonly reason: string };

/**
 * Sends one token request, once. Never rejects for anything that happens on the way: every end is an
 * {@link Outcome}. `reason` is a short code with no text of the provider's in it (an answer may echo tokens).
 */
export interface TokenEndpoint {
  post(request: TokenRequest, limits: PostLimits): Promise<Outcome>;
}
