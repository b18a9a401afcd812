import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rulesOfProfile } from '../../../../local/sandboxes/profile/profile-rules.ts';
import type { ProviderProfile } from '../../../../shared/provider/profile.ts';
import { profiles } from '../../../../shared/provider/profiles.ts';

const DAY_SECONDS = 86_400;

const profileOf = (provider: string, more: Partial<ProviderProfile> = {}): ProviderProfile => ({
  provider,
  grants: ['refresh_token'],
  clientAuth: 'basic',
  scopeRequired: false,
  accessTokenSeconds: { hml: 1800, prd: 1800 },
  refreshTokenSeconds: 60 * DAY_SECONDS,
  ...more,
});
const rules = (provider: string, scale = 1) =>
  rulesOfProfile(profiles.get(provider) ?? profileOf(provider), { env: 'prd', scale });

describe('a provider as its profile has it', () => {
  test('without oddities rotates at once, and old access tokens live on', () => {
    const { accessToken, refreshToken, clientAuth, quota } = rules('fake');
    assert.deepEqual(accessToken, { lifeMs: 1_800_000, expiresIn: 'stated', alive: Infinity });
    assert.deepEqual([refreshToken.rotation, refreshToken.lifetime], ['immediate', 'own']);
    assert.equal(refreshToken.lifeMs, 60 * DAY_SECONDS * 1000);
    assert.deepEqual([clientAuth, quota], [['basic'], undefined]);
  });

  test('has every time divided by the scale, its oddities too', () => {
    const { accessToken, refreshToken } = rules('xero', 60);
    assert.deepEqual([accessToken.lifeMs, refreshToken.graceMs], [30_000, 30_000]);
    assert.equal(rules('bling', 60).quota?.banMs, 60_000);
  });

  test('has the surprises of its kind', () => {
    assert.equal(rules('salesforce').accessToken.expiresIn, 'absent');
    assert.equal(rules('spotify').refreshToken.lifetime, 'absolute');
    assert.equal(rules('entra').refreshToken.graceMs, Infinity);
    assert.equal(rules('quickbooks').refreshToken.statedAs, 'x_refresh_token_expires_in');
    assert.deepEqual([rules('zoho').quota?.per, rules('zoho').quota?.answer?.status], ['grant', 400]);
  });

  test('of every profile there is can be played, in both environments', () => {
    for (const profile of profiles.values()) {
      for (const env of ['hml', 'prd'] as const) {
        assert.ok(rulesOfProfile(profile, { env, scale: 1 }).accessToken.lifeMs > 0, profile.provider);
      }
    }
  });

  test('of BS2 ends the old access token, as its own sandbox does', () => {
    const bs2 = profiles.get('bs2');
    assert.equal(bs2 && rulesOfProfile(bs2, { env: 'prd', scale: 1 }).accessToken.alive, 1);
  });
});
