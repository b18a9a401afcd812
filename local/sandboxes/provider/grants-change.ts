import type { RegisteredClient } from './clients.ts';
import type { CodeIssued } from './codes.ts';
import type { DeviceAsked, DeviceDecided } from './devices.ts';
import type { Fingerprint, IssuedToken } from './fingerprint.ts';
import type { Enrolled } from './logins.ts';
import type { SandboxGrant } from './rules.ts';

/** A client was registered, for logins of persons. */
export interface ClientRegistered extends RegisteredClient {
  readonly type: 'client';
}

/** A person generated a refresh token on the provider's platform: a new grant begins. */
export interface Granted extends RegisteredClient {
  readonly type: 'granted';
  readonly refreshToken: IssuedToken;
}

/** A refresh token was presented for new tokens. */
export interface Rotated {
  readonly type: 'rotated';
  readonly atMs: number;
  readonly spent: Fingerprint;
  readonly accessToken: IssuedToken;
  /** The one that is presented next; the same one again where the provider does not rotate. */
  readonly refreshToken: IssuedToken;
}

/** A client, a user or a person logged in. */
export interface LoginResult {
  readonly type: 'logged-in';
  readonly atMs: number;
  readonly by: SandboxGrant;
  /** Names the grant: logins of one name share it, as far as the rules end what was before. */
  readonly login: string;
  readonly client: Fingerprint;
  readonly scope: string;
  /** Of an authorization: spent by this. */
  readonly code?: Fingerprint;
  /** Of a device that a person let in: spent by this. */
  readonly device?: Fingerprint;
  readonly accessToken: IssuedToken;
  /** A client that logs in by itself gets none (RFC 6749 §4.4.3). */
  readonly refreshToken?: IssuedToken;
}

/** A grant has ended: none of its tokens is taken any more. */
export interface Revoked {
  readonly type: 'revoked';
  readonly login: string;
}

/** Whatever changes the grants: what the journal holds. */
export type GrantsChange =
  | ClientRegistered
  | Granted
  | Rotated
  | Enrolled
  | LoginResult
  | CodeIssued
  | DeviceAsked
  | DeviceDecided
  | Revoked;
