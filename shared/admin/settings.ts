import type { CredentialSettings, Publish } from '../credential/settings.ts';
import type { ProviderProfile } from '../provider/profile.ts';
import { profiles } from '../provider/profiles.ts';
import { isSecretName } from '../secret/secret-names.ts';
import { assertTokenUrl, InvalidTokenUrlError } from '../token-endpoint/token-url.ts';
import { AdminError } from './admin-error.ts';
import { assertSecrets } from './client-check.ts';
import type { AdminContext } from './context.ts';
import { assertInReach, type ProviderReach, standIn } from './provider-reach.ts';
import type { RegisterRequest } from './request.ts';

/**
 * The settings of a new credential: the request, completed by the provider's profile. Durations of both are
 * those at scale 1. Throws {@link AdminError} that names the member which is missing or cannot be used.
 */
export function settingsOf(
  context: Pick<AdminContext, 'env' | 'timing' | 'reach'>,
  request: RegisterRequest,
): CredentialSettings {
  const { env, timing, reach } = context;
  const profile = profileOf(request.provider);
  const grant = request.grant ?? profile.grants[0] ?? 'refresh_token';
  if (!profile.grants.includes(grant))
    throw wrong('grant', `expected ${profile.grants.join(' or ')} for ${profile.provider}`);
  const scope = request.scope;
  if (profile.scopeRequired && scope === undefined) {
    throw wrong('scope', `is missing; ${profile.provider} issued one with the credentials`);
  }
  const clientAuth = request.client_auth ?? profile.clientAuth;
  const { client, refresh_token: refreshToken } = request;
  const canLogIn = profile.grants.includes('password');
  assertSecrets({ grant, clientAuth, client, refreshToken, canLogIn });
  const scaledMs = (seconds: number) => (seconds * 1000) / timing.scale;
  const quota = quotaOf(request, profile);
  const publish = request.publish ?? (request.mode === 'fresh' ? 'access' : 'none');
  const refreshTokenSeconds = request.refresh_token_seconds ?? profile.refreshTokenSeconds;
  return {
    credential: request.credential,
    provider: profile.provider,
    tokenUrl: tokenUrlOf(request.token_url ?? standIn(profile.tokenUrl?.[env], reach), reach),
    scope,
    grant,
    clientAuth,
    mode: request.mode,
    publish,
    parameter: parameterOf(request.parameter, publish),
    quota: quota && { key: quota.key, limit: quota.limit, windowMs: scaledMs(quota.windowSeconds) },
    defaultAccessTokenMs: scaledMs(request.access_token_seconds ?? profile.accessTokenSeconds[env]),
    refreshTokenMs: refreshTokenSeconds && scaledMs(refreshTokenSeconds),
    refreshTokenLifetime: request.refresh_token_lifetime ?? profile.refreshTokenLifetime,
    extra: request.extra,
  };
}

/** The profile of that name. Throws {@link AdminError} that lists the names. */
function profileOf(provider: string): ProviderProfile {
  const profile = profiles.get(provider);
  if (!profile) throw wrong('provider', `expected ${[...profiles.keys()].join(', ')}`);
  return profile;
}

/** True, or absent: a parameter holds what is published. Throws {@link AdminError} when nothing is. */
export function parameterOf(parameter: boolean | undefined, publish: Publish): true | undefined {
  if (parameter && publish === 'none') {
    throw wrong(
      'parameter',
      'expected publish to be access or pair beside it; with none there is nothing to put there',
    );
  }
  return parameter || undefined;
}

function quotaOf(request: RegisterRequest, profile: ProviderProfile) {
  const { quota } = request;
  if (quota) return { key: quota.key, limit: quota.limit, windowSeconds: quota.window_seconds };
  return profile.quota && { key: profile.provider, ...profile.quota };
}

/** A token URL that may be posted to, and shown. Throws {@link AdminError} `invalid-token-url`. */
export function tokenUrlOf(tokenUrl: string | undefined, reach: ProviderReach | undefined): string {
  if (tokenUrl === undefined) throw wrong('token_url', 'is missing');
  const url = checkedUrl(tokenUrl);
  if ([...url.searchParams.keys()].some(isSecretName)) {
    const message = 'token_url: expected no secret in its query; put it into client.';
    throw new AdminError('invalid-token-url', message, { field: 'token_url' });
  }
  assertInReach(url, reach, 'token_url');
  return url.href;
}

function checkedUrl(tokenUrl: string): URL {
  try {
    return assertTokenUrl(tokenUrl);
  } catch (error) {
    if (!(error instanceof InvalidTokenUrlError)) throw error;
    throw new AdminError('invalid-token-url', `${error.message}.`, { field: 'token_url' });
  }
}

function wrong(field: string, message: string): AdminError {
  return new AdminError('invalid-request', `${field}: ${message}.`, { field });
}
