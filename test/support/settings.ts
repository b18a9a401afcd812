import type { CredentialSettings } from '../../shared/credential/settings.ts';
import { aRecord } from './records.ts';

/** The settings of `aRecord`, without anything else of the record. */
export function someSettings(): CredentialSettings {
  const { credential, provider, tokenUrl, scope, grant, clientAuth, mode, publish } = aRecord();
  const { quota, defaultAccessTokenMs, refreshTokenMs, refreshTokenLifetime, extra } = aRecord();
  return {
    ...{ credential, provider, tokenUrl, scope, grant, clientAuth, mode, publish },
    ...{ quota, defaultAccessTokenMs, refreshTokenMs, refreshTokenLifetime, extra },
  };
}
