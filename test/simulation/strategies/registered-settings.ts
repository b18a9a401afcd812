import type { CredentialSettings } from '../../../shared/credential/settings.ts';
import { bs2Settings } from '../../support/records.ts';
import { type Population, tokenUrlOf } from '../population.ts';

/** What an operator registers for a credential of this population. */
export function settingsOf(population: Population, credential: string): CredentialSettings {
  const { mode, provider, quota, accessLifeMs, refreshLifeMs, refreshBeforeMs, statesRefreshLife } =
    population;
  const { registeredRefreshLifeMs = statesRefreshLife ? undefined : refreshLifeMs } = population;
  return bs2Settings({
    credential,
    provider: provider === 'bs2' ? 'bs2' : 'oauth2',
    tokenUrl: tokenUrlOf(population),
    mode,
    publish: mode === 'fresh' ? 'access' : 'none',
    quota: quota && { key: provider, ...quota },
    defaultAccessTokenMs: accessLifeMs,
    refreshTokenMs: registeredRefreshLifeMs,
    ...(refreshBeforeMs !== undefined && { refreshBeforeMs }),
  });
}
