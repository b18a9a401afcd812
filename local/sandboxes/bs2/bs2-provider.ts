import type { EnvironmentName } from '../../../shared/config/names.ts';
import { createProvider, type ProviderOptions, type ProviderSandbox } from '../provider/provider.ts';
import { DEVICE_PATHS } from '../provider/provider-paths.ts';
import { bs2Rules } from './bs2-rules.ts';

export interface Bs2Options extends Omit<ProviderOptions, 'rules' | 'paths' | 'health'> {
  readonly env: EnvironmentName;
  /** Every lifetime and the quota window are divided by it. Above 0; 1 is the real provider. */
  readonly scale: number;
}

/** Path of BS2's token endpoint. */
export const TOKEN_PATH = '/auth/oauth/v2/token';
/** Of the consent flow for partners (devs.bs2.com/docs/autenticação-4), and the name that all sandboxes have. */
const AUTHORIZE_PATHS = ['/auth/oauth/v2/authorize', '/api-banking/auth/oauth/v2/authorize', '/authorize'];

/**
 * A provider with the rules of the BS2 document behind the routes of docs/reference.md (port 4702). Beside what the
 * Collection page describes, it answers the grants of BS2's other APIs to clients that were enrolled for them
 * (`POST /_sandbox/logins`). Throws a RangeError for a `scale` that is not above 0.
 */
export function createBs2Provider({ env, scale, ...options }: Bs2Options): ProviderSandbox {
  return createProvider({
    ...options,
    rules: bs2Rules(env, scale),
    paths: { prefix: '', token: [TOKEN_PATH], authorize: AUTHORIZE_PATHS, device: DEVICE_PATHS },
    health: { env, scale },
  });
}
