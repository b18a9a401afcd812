import type { Grant, TokenRequestSettings } from '../token-endpoint/token-endpoint.ts';

/** `fresh`: the access token is always valid. `on-demand`: only the chain is kept alive. */
export const MODES = ['fresh', 'on-demand'] as const;
export type Mode = (typeof MODES)[number];

/** What a published value holds: the access token, the pair, or nothing is published at all. */
export const PUBLISHED_PARTS = ['access', 'pair', 'none'] as const;
export type Publish = (typeof PUBLISHED_PARTS)[number];

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
export const REFRESH_TOKEN_LIFETIMES = ['sliding', 'absolute'] as const;
export type RefreshTokenLifetime = (typeof REFRESH_TOKEN_LIFETIMES)[number];

/** Whether a refresh repeats the scope: some providers refuse one that does. */
export const REFRESH_SCOPES = ['send', 'omit'] as const;
export type RefreshScope = (typeof REFRESH_SCOPES)[number];

/** What an operator decides about the token requests of a credential. */
export interface RequestSettings extends TokenRequestSettings {
  /** Where refreshes go; absent: to `tokenUrl`. */
  readonly refreshUrl?: string;
  /** Absent: a refresh repeats the scope. */
  readonly refreshScope?: RefreshScope;
  /** How long an answer is waited for; absent: as long as by default (`timing.ts`). */
  readonly answerSeconds?: number;
}

/** The settings of token requests, without anything else of a credential. Pure. */
export function requestSettingsOf(settings: RequestSettings): RequestSettings {
  const { tokenUrl, refreshUrl, clientAuth, scope, refreshScope, grantType, extra } = settings;
  const { userAgent, headers, body, method, ca, answerSeconds } = settings;
  const all = { tokenUrl, refreshUrl, clientAuth, scope, refreshScope, grantType, extra };
  return { ...all, userAgent, headers, body, method, ca, answerSeconds } satisfies Readonly<
    Record<keyof RequestSettings, unknown>
  >;
}

/** What an operator decides about a credential. Durations are those at scale 1 divided by the scale. */
export interface CredentialSettings extends RequestSettings {
  readonly credential: string;
  readonly provider: string;
  readonly grant: Grant;
  /** Its client is the one of this app; absent: it has a client of its own. */
  readonly app?: string;
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
  /** Each new access token chooses its network there before anybody can read it; absent: it need not. */
  readonly networkUrl?: string;
  /** Members of the provider's answers that are published and read beside the token. */
  readonly fields?: readonly string[];
  /** Members that came with the redirect of its login, published and read beside the others (`realmId`). */
  readonly loginFields?: Readonly<Record<string, string>>;
  /** Names by which an operator finds it again. */
  readonly tags?: Readonly<Record<string, string>>;
}
