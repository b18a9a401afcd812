import type { App } from '../app/apps.ts';
import type { CredentialSettings, Publish } from '../credential/settings.ts';
import { type ProviderProfile, partsOf } from '../provider/profile.ts';
import { profiles } from '../provider/profiles.ts';
import type { Grant } from '../token-endpoint/grant.ts';
import { AdminError } from './admin-error.ts';
import { assertAppFits, assertNoClientBeside, outlineOf } from './app-client.ts';
import { assertSecrets } from './client-check.ts';
import { clientEndMs } from './client-material.ts';
import type { AdminContext } from './context.ts';
import { standIn } from './provider-reach.ts';
import { providerUrl } from './provider-url.ts';
import type { RegisterRequest } from './request.ts';
import type { GivenSettings } from './setting-entries.ts';
import { assertFitTogether } from './settings-check.ts';

type SettingsContext = Pick<AdminContext, 'env' | 'timing' | 'reach'>;

/**
 * The settings of a new credential: the request, completed by the provider's profile. Durations of both are
 * those at scale 1; `app` is the one that the request names. Throws {@link AdminError} that names the member which is missing or cannot be used.
 */
export function settingsOf(
  context: SettingsContext & Pick<AdminContext, 'clock'>,
  request: RegisterRequest,
  app?: App,
): CredentialSettings {
  const { reach } = context;
  const profile = profileOf(request.provider);
  const grant = request.grant ?? profile.grants[0] ?? 'refresh_token';
  if (!profile.grants.includes(grant))
    throw wrong('grant', `expected ${profile.grants.join(' or ')} for ${profile.provider}`);
  assertScope(profile, request.scope);
  const mode = request.mode ?? 'fresh';
  const clientAuth = request.client_auth ?? profile.clientAuthByGrant?.[grant] ?? profile.clientAuth;
  const refreshToken = request.refresh_token ?? (request.code && 'brought by a login');
  const client = { ...(app && outlineOf(app)), ...request.client };
  const canLogIn = profile.grants.includes('password');
  if (!request.check) assertSecrets({ grant, clientAuth, client, refreshToken, canLogIn });
  const quota = quotaGiven(context, request);
  const settings: CredentialSettings = {
    credential: request.credential,
    provider: profile.provider,
    tokenUrl: providerUrl(request.token_url ?? tokenUrlOf(profile, context), reach, 'token_url'),
    grant,
    clientAuth,
    mode,
    publish: mode === 'fresh' ? 'access' : 'none',
    ...profileSettings(context, profile, { grant, credential: request.credential }),
    ...(quota && { quota }),
    ...givenSettings(context, request),
    extra: { ...profile.extra, ...request.extra },
    ...headersOf(profile, request),
  };
  assertExtra(profile, settings);
  const clientExpiresAtMs = app ? app.clientExpiresAtMs : clientEndMs(client);
  if (app) assertAppFits(settings, app);
  assertNoClientBeside(settings, request.client);
  assertFitTogether(context, settings, request.client);
  return {
    ...settings,
    parameter: parameterOf(request.parameter, settings.publish),
    ...(clientExpiresAtMs !== undefined && { clientExpiresAtMs }),
  };
}

/**
 * The settings that a request names, and no other: they take the place of what a profile or a record has. Throws
 * {@link AdminError} for a URL that cannot be posted to.
 */
export function givenSettings(context: SettingsContext, request: GivenSettings): Partial<CredentialSettings> {
  const { reach } = context;
  const scaledMs = (seconds: number | undefined) =>
    seconds === undefined ? undefined : scaled(context, seconds);
  const url = (text: string | undefined, field: string) =>
    text === undefined ? undefined : providerUrl(text, reach, field);
  const accessTokenMs = scaledMs(request.access_token_seconds);
  return given({
    app: request.app ?? undefined,
    tokenUrl: url(request.token_url, 'token_url'),
    refreshUrl: url(request.refresh_url, 'refresh_url'),
    networkUrl: url(request.network_url, 'network_url'),
    scope: request.scope,
    refreshScope: request.refresh_scope,
    clientAuth: request.client_auth,
    grantType: request.grant_type,
    extra: request.extra,
    userAgent: request.user_agent,
    headers: request.headers,
    body: request.body,
    method: request.method,
    ca: request.ca,
    answerSeconds: request.answer_seconds,
    mode: request.mode,
    publish: request.publish,
    defaultAccessTokenMs: accessTokenMs,
    accessTokenMaxMs: accessTokenMs,
    refreshBeforeMs: scaledMs(request.refresh_before_seconds),
    refreshTokenMs: scaledMs(request.refresh_token_seconds),
    refreshTokenLifetime: request.refresh_token_lifetime,
    fields: request.fields,
    loginFields: request.login_fields,
    tags: request.tags,
  } satisfies { readonly [Setting in keyof CredentialSettings]?: unknown });
}

function given<Members extends object>(members: Members): Partial<Members> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Members>;
}

function scaled({ timing }: SettingsContext, seconds: number): number {
  return (seconds * 1000) / timing.scale;
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

/**
 * The token URL that a profile knows, or the sandbox's. Throws {@link AdminError} where the operator must fill in a part
 * of it.
 */
function tokenUrlOf(
  { provider, tokenUrl }: ProviderProfile,
  { env, reach }: SettingsContext,
): string | undefined {
  const known = tokenUrl?.[env];
  if (known === undefined || reach?.sandboxUrl !== undefined) return standIn(known, reach);
  const parts = partsOf(known);
  if (parts.length === 0) return known;
  throw wrong('token_url', `is missing; for ${provider} it is ${known} with your own ${parts.join(' and ')}`);
}

/** Throws {@link AdminError} when the provider takes no request without a scope, and there is none. */
export function assertScope({ scopeRequired, provider }: ProviderProfile, scope: string | undefined): void {
  if (!scopeRequired || scope !== undefined) return;
  throw wrong('scope', `is missing; ${provider} issued one with the credentials`);
}

/** What a profile knows of the settings of a credential, as far as they can be changed. Pure. */
export function profileSettings(
  context: SettingsContext,
  profile: ProviderProfile,
  { grant, credential }: Pick<CredentialSettings, 'grant' | 'credential'>,
): ProfileSettings {
  const { env, reach } = context;
  const scaledMs = (seconds: number | undefined) =>
    seconds === undefined ? undefined : scaled(context, seconds);
  const { quota, headers, body, fields, networkUrl } = profile;
  const key = quota?.per === 'credential' ? `${profile.provider}/${credential}` : profile.provider;
  return {
    quota: quota && { key, limit: quota.limit, windowMs: scaled(context, quota.windowSeconds) },
    defaultAccessTokenMs: scaled(context, profile.accessTokenSeconds[env]),
    refreshTokenMs: scaledMs(lifeOfRefreshToken(profile, grant)),
    refreshTokenLifetime: profile.refreshTokenLifetime,
    extra: profile.extra ?? {},
    ...(profile.grantType && grant !== 'refresh_token' && { grantType: profile.grantType }),
    ...(headers && { headers }),
    ...(body && { body }),
    ...(networkUrl && { networkUrl: standIn(networkUrl, reach) }),
    ...(fields && { fields }),
  };
}

type ProfileSettings = Pick<
  CredentialSettings,
  | 'quota'
  | 'defaultAccessTokenMs'
  | 'refreshTokenMs'
  | 'refreshTokenLifetime'
  | 'extra'
  | 'grantType'
  | 'headers'
  | 'body'
  | 'networkUrl'
  | 'fields'
>;

/** A header of the profile gives way to one of the request, in whatever case its name is written. */
function headersOf(
  { headers: known = {} }: ProviderProfile,
  { headers: given = {} }: RegisterRequest,
): Pick<CredentialSettings, 'headers'> {
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  const kept = Object.entries(known).filter(([name]) => !names.has(name.toLowerCase()));
  const headers = { ...Object.fromEntries(kept), ...given };
  return Object.keys(headers).length === 0 ? {} : { headers };
}

function assertExtra({ extraRequired = {} }: ProviderProfile, { extra }: CredentialSettings): void {
  for (const [name, what] of Object.entries(extraRequired)) {
    if (!(name in extra)) throw wrong('extra', `${name} is missing; it is ${what}`);
  }
}

/** A client that logs in by itself is given no refresh token, as a rule (RFC 6749 §4.4.3). */
function lifeOfRefreshToken(profile: ProviderProfile, grant: Grant): number | undefined {
  const { refreshTokenSecondsByGrant, refreshTokenSeconds } = profile;
  const usual = grant === 'client_credentials' ? undefined : refreshTokenSeconds;
  return refreshTokenSecondsByGrant?.[grant] ?? usual;
}

/** The profile of that name. Throws {@link AdminError} that lists the names. */
export function profileOf(provider: string): ProviderProfile {
  const profile = profiles.get(provider);
  if (!profile) throw wrong('provider', `expected ${[...profiles.keys()].join(', ')}`);
  return profile;
}

function quotaGiven(context: SettingsContext, { quota }: RegisterRequest): CredentialSettings['quota'] {
  return quota && { key: quota.key, limit: quota.limit, windowMs: scaled(context, quota.window_seconds) };
}

function wrong(field: string, message: string): AdminError {
  return new AdminError('invalid-request', `${field}: ${message}.`, { field });
}
