/**
 * What a provider does that its profile does not say, because Renova need not know it to keep a credential alive.
 * Times in seconds at scale 1. Sources stand beside each; what no page says is left to the defaults of
 * {@link rulesOfProfile}.
 */
export interface Oddities {
  /** Absent: `immediate`. */
  readonly rotation?: 'immediate' | 'grace' | 'none';
  /** Of `grace`; Infinity: to the end of the old token's life. */
  readonly graceSeconds?: number;
  readonly lifetime?: 'own' | 'sliding' | 'absolute';
  /** A hard end of the chain, from the login. */
  readonly chainSeconds?: number;
  /** Member of the answer that states the life of the refresh token. */
  readonly refreshExpiresMember?: string;
  readonly expiresIn?: 'absent';
  /** Access tokens of one grant that live at once. Absent: all. */
  readonly alive?: number;
  readonly quota?: {
    readonly limit: number;
    readonly windowSeconds: number;
    readonly per: 'provider' | 'grant';
    readonly banSeconds?: number;
    readonly answer?: { readonly status: number; readonly body: object };
  };
  readonly members?: Readonly<Record<string, unknown>>;
  readonly redirectMembers?: Readonly<Record<string, string>>;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;

/** By the name of the profile. A profile without an entry rotates at once and has no surprises. */
export const ODDITIES: Readonly<Record<string, Oddities>> = {
  bs2: { alive: 1 },
  // developer.xero.com/faq/oauth2: the existing refresh token may be retried for 30 minutes.
  xero: { rotation: 'grace', graceSeconds: 30 * MINUTE },
  // Intuit's SDK, v6.5.4: x_refresh_token_expires_in, and a hard end after five years.
  quickbooks: {
    rotation: 'grace',
    graceSeconds: 24 * HOUR,
    refreshExpiresMember: 'x_refresh_token_expires_in',
    chainSeconds: 5 * YEAR,
    redirectMembers: { realmId: '4620816365' },
  },
  hubspot: { members: { hub_id: 1_234_567, user_id: 293_199 } },
  // zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html: ten tokens in ten minutes, 30 alive.
  zoho: {
    rotation: 'none',
    alive: 30,
    quota: {
      limit: 10,
      windowSeconds: 10 * MINUTE,
      per: 'grant',
      answer: {
        status: 400,
        body: {
          error: 'Access Denied',
          error_description:
            'You have made too many requests continuously. Please try again after some time.',
          status: 'failure',
        },
      },
    },
    members: { api_domain: 'https://www.zohoapis.com' },
  },
  // developer.bling.com.br/limites: 20 calls in 60 seconds, and the address is blocked for an hour.
  bling: { quota: { limit: 19, windowSeconds: MINUTE, per: 'provider', banSeconds: HOUR } },
  'mercado-livre': { members: { user_id: 8_035_443 } },
  // developer.salesforce.com: no expires_in; the API calls need instance_url.
  salesforce: {
    rotation: 'none',
    expiresIn: 'absent',
    members: {
      instance_url: 'https://sandbox.my.salesforce.example',
      id: 'https://login.salesforce.example/id/00Dx0000000BV7z/005x00000012Q9P',
      issued_at: '1278448384422',
    },
  },
  // developers.google.com/identity/protocols/oauth2: six months unused.
  google: { rotation: 'none', lifetime: 'sliding' },
  // MicrosoftDocs/entra-docs, refresh-tokens.md: old refresh tokens are not revoked.
  entra: { rotation: 'grace', graceSeconds: Infinity },
  // developer.spotify.com/blog/2026-06-18-refresh-token-expiration: six months from the consent.
  spotify: { rotation: 'none', lifetime: 'absolute' },
  // OpenBanking-Brasil/specs-seguranca: refresh tokens do not rotate.
  'open-finance-brasil': { rotation: 'none' },
};
