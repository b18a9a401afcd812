import { isLoopback } from '../config/loopback.ts';
import { LEAST_LEFT_TICKS, SPARE_TICKS } from '../config/tick-parts.ts';
import type { Timing } from '../config/timing.ts';
import type { CredentialSettings } from '../credential/settings.ts';
import { profiles } from '../provider/profiles.ts';
import { privateKeyIn, readCertificates } from '../token-endpoint/request/key-material.ts';
import { leastBetweenVersionsMs } from '../vault/lanes.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { assertClientMaterial } from './client-material.ts';
import type { AdminContext } from './context.ts';
import { isClientId } from './extra.ts';

/**
 * Throws {@link AdminError} that names the first setting which cannot work together with the others.
 *
 * @param client what is given of the client secret; what an update leaves out is in the vault, and not looked at.
 */
export function assertFitTogether(
  context: Pick<AdminContext, 'env' | 'clock' | 'timing'>,
  settings: CredentialSettings,
  client: StoredClient,
): void {
  assertUserAgent(context, settings);
  assertBody(settings);
  assertRefreshSettings(settings);
  assertVersions(settings, context.timing);
  assertNetwork(settings, client);
  assertClientId(settings);
  assertHeaders(settings, client);
  assertAuthority(settings, client);
  assertCertificate(settings, client);
  assertClientMaterial(settings, client, context.clock.nowMs());
}

/** The sandbox of the local stack demands one only when it is told to. */
function assertUserAgent({ env }: Pick<AdminContext, 'env'>, settings: CredentialSettings): void {
  const demanded = profiles.get(settings.provider)?.userAgentRequired?.[env];
  if (demanded === undefined || settings.userAgent !== undefined) return;
  if (isLoopback(new URL(settings.tokenUrl).hostname)) return;
  throw wrong('user_agent', `is missing; ${demanded}`);
}

function assertBody({ body = 'form', method = 'POST' }: CredentialSettings): void {
  if (method === 'GET' && body !== 'query') {
    throw wrong('method', 'GET carries no body; set body to query with it, or leave it out');
  }
}

function assertRefreshSettings(settings: CredentialSettings): void {
  const { grant, refreshUrl, refreshScope, grantType, refreshBeforeMs, defaultAccessTokenMs } = settings;
  if (grant === 'client_credentials') {
    const why = 'is of no use with grant client_credentials, which has no refresh token; leave it out';
    if (refreshUrl !== undefined) throw wrong('refresh_url', why);
    if (refreshScope !== undefined) throw wrong('refresh_scope', why);
  }
  if (grantType !== undefined && grant === 'refresh_token') {
    throw wrong('grant_type', 'is sent at a login, and grant refresh_token makes none; leave it out');
  }
  if (grantType === 'refresh_token') {
    throw wrong('grant_type', 'expected what the provider calls its login; a refresh is named by itself');
  }
  if (refreshBeforeMs !== undefined && refreshBeforeMs >= defaultAccessTokenMs) {
    throw wrong('refresh_before_seconds', 'is as long as the access token lives, or longer; set less');
  }
}

/** A token that lives for less than a minute is renewed when a sixth of a tick is left of it. */
function assertVersions(settings: CredentialSettings, timing: Timing): void {
  const { mode, publish, defaultAccessTokenMs, refreshBeforeMs } = settings;
  if (mode !== 'fresh' || publish === 'none') return;
  const betweenMs = leastBetweenVersionsMs(timing.dayMs);
  // With more than this left when it is due, a token is renewed once in a tick.
  const isShort = refreshBeforeMs !== undefined && refreshBeforeMs <= SPARE_TICKS * timing.tickMs;
  if (isShort && defaultAccessTokenMs - refreshBeforeMs < betweenMs) {
    throw wrong(
      'refresh_before_seconds',
      'has tokens renewed more often than Secrets Manager takes new versions; set less, or publish to none',
    );
  }
  const leastMs = betweenMs + LEAST_LEFT_TICKS * timing.tickMs;
  if (defaultAccessTokenMs >= leastMs) return;
  const least = Math.ceil((leastMs * timing.scale) / 1000);
  throw wrong(
    'publish',
    `tokens of less than ${least} seconds are renewed more often than Secrets Manager takes new versions; set it to none, and read at the read function`,
  );
}

/** A refresh token must be stored before anything else is done with its answer (I3): a network comes with a login alone. */
function assertNetwork({ grant, networkUrl, provider }: CredentialSettings, client: StoredClient): void {
  if (networkUrl === undefined) return;
  if (grant !== 'client_credentials') {
    throw wrong('network_url', 'is for the grant client_credentials alone; leave it out');
  }
  const isNew = client.client_id !== undefined;
  if (isNew && client.network === undefined) {
    throw wrong('network', `is missing; each token of ${provider} chooses the network that it works in`);
  }
}

function assertClientId({ extra, clientAuth }: CredentialSettings): void {
  if (clientAuth === 'basic' || !Object.keys(extra).some(isClientId)) return;
  throw wrong(
    'extra',
    `cannot replace client_id, which ${clientAuth} sends already; it goes beside client_auth basic alone`,
  );
}

function assertHeaders({ headers = {}, clientAuth }: CredentialSettings, client: StoredClient): void {
  const open = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const secret = Object.keys(client.headers ?? {}).map((name) => name.toLowerCase());
  if (secret.some((name) => open.has(name))) {
    throw wrong('headers', 'has a header that client.headers has too; leave it out in one of them');
  }
  if (clientAuth === 'basic' && (secret.includes('authorization') || open.has('authorization'))) {
    throw wrong('client.headers', 'has authorization, which client_auth basic sets; choose one of them');
  }
}

function assertAuthority({ ca, tokenUrl, refreshUrl }: CredentialSettings, client: StoredClient): void {
  if (ca !== undefined && !readCertificates(ca)) {
    throw wrong('ca', 'expected one or more certificates in PEM (-----BEGIN CERTIFICATE-----)');
  }
  const isPlain = [tokenUrl, refreshUrl].some((url) => url?.startsWith('http:'));
  if (!isPlain) return;
  if (ca !== undefined) throw wrong('ca', 'is for https, and the URL is plain http; leave it out');
  if (client.certificate !== undefined) {
    throw wrong('client.certificate', 'is shown over https, and the URL is plain http; leave it out');
  }
}

/** Plain http, at the sandbox of the local stack, shows no certificate. An update leaves in the vault what it does not give. */
function assertCertificate(
  { provider, tokenUrl, clientAuth }: CredentialSettings,
  client: StoredClient,
): void {
  const isNew = client.client_id !== undefined;
  if (!isNew || !profiles.get(provider)?.mutualTls || tokenUrl.startsWith('http:')) return;
  if (client.certificate === undefined) {
    throw wrong('client.certificate', `is missing; ${provider} takes requests over mutual TLS alone`);
  }
  if (
    clientAuth !== 'private_key_jwt' &&
    client.private_key === undefined &&
    !privateKeyIn(client.certificate)
  ) {
    throw wrong('client.private_key', 'is missing; the certificate needs its own');
  }
}

function wrong(field: string, message: string): AdminError {
  return new AdminError('invalid-request', `${field}: ${message}.`, { field });
}
