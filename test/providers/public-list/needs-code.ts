/**
 * Entries whose tokens are kept alive by something else than a token request of RFC 6749, as the list's own program has
 * it in code: no registration can say it.
 */
export const NEEDS_CODE: Readonly<Record<string, string>> = {
  braintree: 'its token endpoint takes nested JSON with names of its own',
  'braintree-sandbox': 'its token endpoint takes nested JSON with names of its own',
  coros: 'a refresh prolongs the access token and answers none',
  'coros-sandbox': 'a refresh prolongs the access token and answers none',
  facebook: 'there is no refresh token: an access token is exchanged for a longer one',
  instagram: 'there is no refresh token: an access token is exchanged for a longer one',
  'shopline-oauth': 'each token request is signed with the app secret (HMAC)',
  threads: 'there is no refresh token: an access token is exchanged for a longer one',
  'tiktok-ads': 'there is no refresh token, and its access tokens have no end',
  zoominfo: 'its login is no grant of OAuth 2, and answers a JWT by another name',
};

interface Settings {
  readonly client?: object;
  readonly extra?: Readonly<Record<string, string>>;
  readonly [setting: string]: unknown;
}

/** What the list leaves to code and a registration can say: settings beside those that the entry itself names. */
export const SAID_BY_SETTINGS: Readonly<Record<string, Settings>> = {
  // The API key is the user of HTTP Basic, with no password.
  'stripe-app': { client_auth: 'basic', client: { client_secret: '' } },
  'stripe-app-sandbox': { client_auth: 'basic', client: { client_secret: '' } },
  clover: { client_auth: 'none', body: 'json' },
  heygen: { client_auth: 'none' },
  mercury: { client_auth: 'none' },
  plaud: { client_auth: 'none' },
  'posthog-oauth': { client_auth: 'none' },
  fanvue: { client_auth: 'basic' },
  'workday-oauth': { client_auth: 'basic', access_token_seconds: 3600 },
  jobber: { access_token_seconds: 3600 },
  'sentry-oauth': { body: 'json' },
  'tiktok-accounts': { body: 'json' },
  // The client id by another name, beside the usual one.
  'tiktok-personal': { extra: { client_key: 'fake-client-id' } },
  'microsoft-admin': { grant: 'client_credentials' },
  'revolut-business': { client_auth: 'private_key_jwt' },
  walmart: {
    client_auth: 'basic',
    headers: {
      'WM_SVC.NAME': 'fake-service',
      'WM_QOS.CORRELATION_ID': 'fake-id',
      'WM_PARTNER.ID': 'fake-seller',
    },
  },
  'absorb-lms': {
    extra: { nonce: 'fake-nonce' },
    headers: { 'x-api-version': '1.5' },
    client: { headers: { 'x-api-key': 'fake-key' } },
  },
};
