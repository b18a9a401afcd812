import { at } from './run-command.ts';

/** A credential in good health, as the admin function describes it. */
export const HEALTHY = {
  credential: 'acme',
  provider: 'bs2',
  mode: 'fresh',
  publish: 'access',
  state: 'active',
  generation: 12,
  published_generation: 12,
  lanes: 12,
  issued_at: at(-108),
  expires_at: at(192),
  refresh_after: at(42),
  refresh_token_expires_at: at(47 * 3600 + 600),
  due_at: at(42),
  token_url: 'https://api.example/auth/oauth/v2/token',
  scope: 'fake.charges.read fake.charges.write',
  grant: 'refresh_token',
  client_auth: 'post',
  quota: { key: 'bs2', limit: 10, window_seconds: 60 },
};

/** One whose provider refuses its client secret, with a token that has run out. */
export const FAILING = {
  ...HEALTHY,
  credential: 'beta',
  expires_at: at(-130),
  refresh_token_expires_at: at(11 * 3600),
  failing_since: at(-3720),
  attempts: 3,
  outcome: 'refused-client',
  reason: 'invalid_client',
};

/** One whose chain has ended. */
export const LAPSED = {
  ...HEALTHY,
  credential: 'gamma',
  state: 'lapsed',
  expires_at: at(-7200),
  refresh_token_expires_at: at(-60),
  lapsed_at: at(-60),
  reason: 'refresh-token-expired',
};
