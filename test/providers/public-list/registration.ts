import { AdminError } from '../../../shared/admin/admin-error.ts';
import { parseRequest, RegisterRequest, withNetwork } from '../../../shared/admin/request.ts';
import { settingsOf } from '../../../shared/admin/settings.ts';
import { timing } from '../../../shared/config/timing.ts';
import { tokenRequestOf } from '../../../shared/refresh/attempt/token-request.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { buildTokenRequest } from '../../../shared/token-endpoint/request/token-request.ts';
import { clientSecretOf } from '../../../shared/vault/stored-client.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { CertificateAuthority } from '../../unit/token-endpoint/certificate-authority.ts';
import type { ListEntry } from './entry.ts';
import { NEEDS_CODE, SAID_BY_SETTINGS } from './needs-code.ts';

const REFRESH_TOKEN = 'fake-refresh-token';
const CLIENT = { client_id: 'fake-client-id', client_secret: 'fake-client-secret' };
const HOUR_SECONDS = 3600;

/** Why an entry cannot be registered. */
export class UnwritableEntryError extends Error {
  override readonly name = 'UnwritableEntryError';
}

/**
 * The `register` request that an entry of a list comes to, with fake secrets, and with fake values where its user types
 * one (`${connectionConfig.subdomain}`). Throws {@link UnwritableEntryError} for what a registration cannot say.
 */
export function registrationOf(name: string, entry: ListEntry): Readonly<Record<string, unknown>> {
  const reason = NEEDS_CODE[name];
  if (reason !== undefined) throw new UnwritableEntryError(reason);
  if (typeof entry.token_url !== 'string') throw new UnwritableEntryError('the list names no token URL');
  const { client, extra, ...more } = SAID_BY_SETTINGS[name] ?? {};
  const token = urlParts(entry.token_url);
  const grant = grantOf(entry);
  const { grant_type, scope, username, password, ...parameters } = parametersOf(entry, grant);
  const given = {
    action: 'register',
    credential: 'fake-entry',
    provider: 'oauth2',
    token_url: token.url,
    ...(grant === 'refresh_token' && entry.refresh_url && { refresh_url: urlParts(entry.refresh_url).url }),
    grant,
    client_auth: clientAuthOf(entry),
    ...(entry.body_format && entry.body_format !== 'form' && { body: entry.body_format }),
    ...(grant_type !== undefined && grant_type !== grant && grant !== 'refresh_token' && { grant_type }),
    ...scopeOf(entry, scope),
    extra: { ...parameters, ...extra },
    ...headersOf(entry),
    ...fieldsOf(entry),
    // The list states a life of its own kind: the operator registers the true one.
    ...((entry.expires_in_unit ?? entry.token_expires_in_ms) !== undefined && {
      access_token_seconds: HOUR_SECONDS,
    }),
    ...(grant === 'refresh_token' && { refresh_token: REFRESH_TOKEN }),
    ...more,
  };
  const logsIn = given.grant !== 'refresh_token' ? { refresh_token: undefined } : {};
  const login = username === undefined ? {} : { username, password };
  const whole = { ...CLIENT, ...login, ...keysOf(entry, given.client_auth), ...token.headers, ...client };
  return { ...given, ...logsIn, client: whole };
}

/**
 * Registers an entry as the admin function would, and builds the request that it would be kept alive by. Throws
 * {@link UnwritableEntryError} for what is refused, and where a parameter of the entry is missing in the request.
 */
export async function assertWritable(name: string, entry: ListEntry): Promise<void> {
  const given = registrationOf(name, entry);
  try {
    const request = withNetwork(parseRequest(RegisterRequest, given));
    const clock = new ManualClock();
    const settings = settingsOf({ clock, env: 'prd', timing: timing(1) }, request);
    const refreshToken = request.refresh_token === undefined ? undefined : new Secret(request.refresh_token);
    const client = clientSecretOf(request.client);
    const built = await buildTokenRequest(
      tokenRequestOf({ settings, client, grant: settings.grant, refreshToken }),
      clock.nowMs(),
    );
    const sent = new Set(namesIn(built.body.reveal(), built.target.reveal()));
    const lost = Object.keys(parametersOf(entry, settings.grant)).filter((each) => !sent.has(each));
    if (lost.length > 0) throw new UnwritableEntryError(`${lost.join(', ')} would not be sent`);
  } catch (error) {
    if (error instanceof AdminError) throw new UnwritableEntryError(error.message);
    throw error;
  }
}

function namesIn(body: string, target: string): string[] {
  const query = new URLSearchParams(target.split('?', 2)[1]);
  const parameters = body.startsWith('{') ? Object.keys(JSON.parse(body)) : new URLSearchParams(body).keys();
  return [...query.keys(), ...parameters];
}

type WrittenGrant = 'refresh_token' | 'client_credentials' | 'password';

function grantOf({ auth_mode, token_params }: ListEntry): WrittenGrant {
  if (auth_mode !== 'OAUTH2_CC') return 'refresh_token';
  return token_params?.grant_type === 'password' ? 'password' : 'client_credentials';
}

/** What a request of this grant has beside the client: at a login `token_params`, at a refresh `refresh_params`. */
function parametersOf(entry: ListEntry, grant: string): Readonly<Record<string, string>> {
  const { token_params, refresh_params, refresh_token_params } = entry;
  const given = grant === 'refresh_token' ? (refresh_params ?? refresh_token_params) : token_params;
  return Object.fromEntries(
    Object.entries(given ?? {}).map(([name, value]) => [name, typed(String(value))] as const),
  );
}

function clientAuthOf(entry: ListEntry): string {
  const { token_request_auth_method: method, authorization_method: inHeader, auth_mode } = entry;
  if (entry.require_client_certificate) return 'basic';
  if (method === 'basic' || method === 'private_key_jwt') return method;
  return inHeader === 'header' && auth_mode === 'OAUTH2' ? 'basic' : 'post';
}

function keysOf({ require_client_certificate }: ListEntry, clientAuth: string): object {
  if (require_client_certificate) {
    const { certificate, key } = issued();
    return { certificate, private_key: key };
  }
  return clientAuth === 'private_key_jwt' ? { private_key: issued().key } : {};
}

let shared: { readonly certificate: string; readonly key: string } | undefined;
function issued() {
  shared ??= new CertificateAuthority('fake authority').issue('fake client');
  return shared;
}

function scopeOf({ default_scopes = [], scope_separator = ' ' }: ListEntry, given: string | undefined) {
  const scope = given ?? default_scopes.join(scope_separator);
  return scope === '' ? {} : { scope };
}

function headersOf({ token_headers = {} }: ListEntry) {
  const own = Object.entries(token_headers).filter(([name]) => name.toLowerCase() !== 'content-type');
  return own.length === 0 ? {} : { headers: Object.fromEntries(own) };
}

/** A member deep in the answer (`team.id`) is published with the one that holds it. */
function fieldsOf({ token_response_metadata = [], redirect_uri_metadata = [] }: ListEntry) {
  const top = (names: readonly string[]) => [...new Set(names.map((name) => name.split('.', 1)[0] ?? ''))];
  const fields = top(token_response_metadata);
  const redirected = top(redirect_uri_metadata).map((name) => [name, 'fake'] as const);
  return {
    ...(fields.length > 0 && { fields }),
    ...(redirected.length > 0 && { login_fields: Object.fromEntries(redirected) }),
  };
}

/** Azure's gateways take this parameter of the query as this header too, where it is no part of what is shown. */
const SUBSCRIPTION_KEY = { query: 'subscription-key', header: 'Ocp-Apim-Subscription-Key' };

/** A URL of the list with what its user types, and without what is secret in its query. */
function urlParts(template: string): { readonly url: string; readonly headers: object } {
  const text = typed(template);
  const url = new URL(text);
  if (!url.searchParams.has(SUBSCRIPTION_KEY.query)) return { url: text, headers: {} };
  url.searchParams.delete(SUBSCRIPTION_KEY.query);
  return { url: url.href, headers: { headers: { [SUBSCRIPTION_KEY.header]: 'fake-key' } } };
}

/** The first of several ways to write it, with a value in each place where one is typed. */
function typed(template: string): string {
  return (template.split('||')[0] ?? '').trim().replaceAll(/\$\{[^}]*\}/g, 'fake.example');
}
