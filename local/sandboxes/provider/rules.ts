/** A grant that a token endpoint can serve, by its `grant_type`. */
export const SANDBOX_GRANTS = [
  'refresh_token',
  'password',
  'client_credentials',
  'authorization_code',
  'urn:ietf:params:oauth:grant-type:device_code',
] as const;
export type SandboxGrant = (typeof SANDBOX_GRANTS)[number];

/** `grant_type` of a device (RFC 8628 §3.4). */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code' satisfies SandboxGrant;

/** The grants by which persons log in, which every sandbox with a login page serves beside its provider's own. */
export const LOGIN_GRANTS = ['authorization_code', DEVICE_GRANT] as const satisfies readonly SandboxGrant[];

/** How one provider behaves, as data. Every time is in ms, at the scale of the sandbox. */
export interface ProviderRules {
  /** As a credential's profile names it. */
  readonly provider: string;
  readonly grants: readonly SandboxGrant[];
  /** Its own name for `client_credentials`. */
  readonly loginGrantType?: string;
  /** The parameters of a token request are in its query, and its body is empty. Absent: a form. */
  readonly parametersIn?: 'query';
  /** How a client may prove who it is. `none`: a public client, which must use PKCE to log in. */
  readonly clientAuth: readonly ('post' | 'basic' | 'none')[];
  /** `exact`: every request repeats the scope of the credentials. `optional`: it may, and may ask for less. */
  readonly scope: 'exact' | 'optional';
  readonly accessToken: AccessTokenRules;
  readonly refreshToken: RefreshTokenRules;
  /** Absent: a client secret has no end but the next one. */
  readonly clientSecret?: ClientSecretRules;
  /** Absent: nothing is ever throttled. */
  readonly quota?: QuotaRules;
  /** More members of every token response. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** How long a device waits between two questions. Absent: 5 s (RFC 8628 §3.2). */
  readonly deviceIntervalMs?: number;
  /** Parameters that come with the code after a login (QuickBooks: `realmId`). */
  readonly redirectMembers?: Readonly<Record<string, string>>;
}

export interface ClientSecretRules {
  /** Absent: it has no end. */
  readonly lifeMs?: number;
  /** How long the one before is taken beside a new one. Absent: not at all. */
  readonly overlapMs?: number;
}

export interface AccessTokenRules {
  readonly lifeMs: number;
  /** `absent`: the provider does not say how long a token lives (Salesforce). */
  readonly expiresIn: 'stated' | 'absent';
  /** How many tokens of one grant live at once; one more ends the oldest. 1: a new one ends the one before. */
  readonly alive: number;
}

export interface RefreshTokenRules {
  /**
   * What a refresh does to the token that it presents. `immediate`: it is spent. `grace`: it is taken for a while yet,
   * for a client that lost the answer. `none`: it stays the one of its grant, and no answer carries another.
   */
  readonly rotation: 'immediate' | 'grace' | 'none';
  /** Of `grace`: how long after it was replaced. Infinity: to the end of its life. */
  readonly graceMs?: number;
  /** Absent: it has no end. */
  readonly lifeMs?: number;
  /** Of refresh tokens that a password brought, where it differs. */
  readonly passwordLifeMs?: number;
  /** `own`: from its issue. `sliding`: from its last use. `absolute`: from the login, whatever is refreshed. */
  readonly lifetime: 'own' | 'sliding' | 'absolute';
  /** The end of the whole chain, from the login. Absent: none. */
  readonly chainMs?: number;
  /** Member of the answer that states the seconds it has left. Absent: not stated. */
  readonly statedAs?: string;
}

export interface QuotaRules {
  /** Requests in any window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Whose window it is: one for all requests, or one for each grant (its refresh token). */
  readonly per: 'provider' | 'grant';
  /** A request over the limit closes the endpoint for so long. Absent: only the window counts. */
  readonly banMs?: number;
  /** What a request over the limit is answered. Absent: 429 with `Retry-After`. */
  readonly answer?: { readonly status: number; readonly body: object };
}

/** What `expires_in` says: whole seconds, at least 1, otherwise never more than the token really lives. */
export function expiresInSeconds({ lifeMs }: Pick<AccessTokenRules, 'lifeMs'>): number {
  return Math.max(1, Math.floor(lifeMs / 1000));
}

/** When a refresh token ends that is issued or used at `nowMs`, in a chain that began at `loginMs`; Infinity: never. */
export function refreshTokenEndMs(
  rules: RefreshTokenRules,
  { loginMs, nowMs, by }: { readonly loginMs: number; readonly nowMs: number; readonly by: SandboxGrant },
): number {
  const lifeMs = (by === 'password' ? rules.passwordLifeMs : undefined) ?? rules.lifeMs ?? Infinity;
  const isFixed = rules.lifetime === 'absolute' || (rules.lifetime === 'own' && rules.rotation === 'none');
  const fromMs = isFixed ? loginMs : nowMs;
  return Math.min(fromMs + lifeMs, loginMs + (rules.chainMs ?? Infinity));
}
