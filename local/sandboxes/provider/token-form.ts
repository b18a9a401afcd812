import { DEVICE_GRANT, type ProviderRules, type SandboxGrant } from './rules.ts';
import { TokenError } from './token-error.ts';

/** How a client says and proves who it is. A public client has no secret. */
export interface ClientProof {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}

/** A client, and the scope that it asks for. */
export type ClientForm = ClientProof & { readonly scope: string | undefined };

/** A well-formed request for one of the grants that the sandbox offers. Nothing in it has been believed yet. */
export type RefreshForm = ClientForm & { readonly grantType: 'refresh_token'; readonly refreshToken: string };
export type PasswordForm = ClientForm & {
  readonly grantType: 'password';
  readonly username: string;
  readonly password: string;
};
export type ClientCredentialsForm = ClientForm & { readonly grantType: 'client_credentials' };
export type CodeForm = ClientForm & {
  readonly grantType: 'authorization_code';
  readonly code: string;
  readonly redirectUri: string;
  readonly codeVerifier: string | undefined;
};
export type DeviceForm = ClientForm & {
  readonly grantType: typeof DEVICE_GRANT;
  readonly deviceCode: string;
};
export type LoginForm = PasswordForm | ClientCredentialsForm | CodeForm | DeviceForm;

/** What of an HTTP token request matters. */
export interface TokenHttpRequest {
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
  /** Without its `?`. */
  readonly query?: string;
}

/**
 * Reads a token request: form-urlencoded, no parameter twice, one of the grants of `rules`, client credentials in the
 * body or by HTTP Basic but not both. Throws {@link TokenError}: `invalid_request`, `unsupported_grant_type`,
 * `invalid_client` (none, unreadable, or not the way that `rules` want them). RFC 6749 §2.3.1, §3.2, §4.1.3, §4.3,
 * §4.4, §6; RFC 7636 §4.5; the BS2 page, "Refresh Token".
 */
export function parseTokenForm(
  request: TokenHttpRequest,
  rules: Pick<ProviderRules, 'grants' | 'clientAuth' | 'loginGrantType' | 'parametersIn'>,
): RefreshForm | LoginForm {
  const parameters = rules.parametersIn === 'query' ? parseQuery(request) : parseParameters(request);
  const grantType = grantTypeOf(parameters, rules);
  const client = { ...clientProof(parameters, request.authorization, rules), scope: parameters.get('scope') };
  switch (grantType) {
    case 'refresh_token':
      return { ...client, grantType, refreshToken: required(parameters, 'refresh_token') };
    case 'password':
      return {
        ...client,
        grantType,
        username: required(parameters, 'username'),
        password: required(parameters, 'password'),
      };
    case 'client_credentials':
      return { ...client, grantType };
    case 'authorization_code':
      return {
        ...client,
        grantType,
        code: required(parameters, 'code'),
        redirectUri: required(parameters, 'redirect_uri'),
        codeVerifier: parameters.get('code_verifier'),
      };
    case DEVICE_GRANT:
      return { ...client, grantType, deviceCode: required(parameters, 'device_code') };
  }
}

/** Reads what a device sends to begin with (RFC 8628 §3.1). Throws {@link TokenError}. */
export function parseDeviceRequest(
  request: TokenHttpRequest,
  rules: Pick<ProviderRules, 'clientAuth'>,
): ClientForm {
  const parameters = parseParameters(request);
  return { ...clientProof(parameters, request.authorization, rules), scope: parameters.get('scope') };
}

function grantTypeOf(
  parameters: ReadonlyMap<string, string>,
  { grants, loginGrantType }: Pick<ProviderRules, 'grants' | 'loginGrantType'>,
): SandboxGrant {
  const given = parameters.get('grant_type');
  if (given === undefined) {
    throw new TokenError('invalid_request', `grant_type: missing; expected ${grants.join(', ')}`);
  }
  const isOwnName = loginGrantType !== undefined && given === loginGrantType;
  const known = isOwnName
    ? 'client_credentials'
    : grants.find((grant) => grant === given && (!loginGrantType || grant !== 'client_credentials'));
  if (known) return known;
  throw new TokenError('unsupported_grant_type', `grant_type: expected ${grants.join(', ')}`);
}

/** A parameter that the grant needs. Throws {@link TokenError} `invalid_request`. */
export function required(parameters: ReadonlyMap<string, string>, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new TokenError('invalid_request', `${name}: missing; this grant needs it`);
  return value;
}

/** The parameters of a form; those without a value are left out. Throws {@link TokenError} `invalid_request`. */
export function parseParameters({ contentType, body }: TokenHttpRequest): Map<string, string> {
  const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/x-www-form-urlencoded') {
    throw new TokenError('invalid_request', 'Content-Type: expected application/x-www-form-urlencoded');
  }
  return read(body);
}

/** The same of a query. */
function parseQuery({ query, body }: TokenHttpRequest): Map<string, string> {
  if (body !== '') throw new TokenError('invalid_request', 'body: expected none; send the query alone');
  return read(query ?? '');
}

function read(text: string): Map<string, string> {
  const seen = new Set<string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (seen.has(name)) throw new TokenError('invalid_request', 'body: a parameter occurs more than once');
    seen.add(name);
    // "Parameters sent without a value MUST be treated as if they were omitted" (RFC 6749 §3.2).
    if (value !== '') parameters.set(name, value);
  }
  return parameters;
}

function clientProof(
  parameters: ReadonlyMap<string, string>,
  authorization: string | undefined,
  { clientAuth }: Pick<ProviderRules, 'clientAuth'>,
): ClientProof {
  const clientId = parameters.get('client_id');
  const clientSecret = parameters.get('client_secret');
  if (authorization === undefined) {
    const way = clientSecret === undefined ? 'none' : 'post';
    if (clientId === undefined || !clientAuth.includes(way)) {
      throw new TokenError('invalid_client', `client_id and client_secret: ${EXPECTED_PROOF[way]}`);
    }
    return { clientId, clientSecret };
  }
  const basic = basicCredentials(authorization);
  // A bare client_id beside Basic is no second proof, as long as it names the same client.
  if (clientSecret !== undefined || (clientId !== undefined && clientId !== basic.clientId)) {
    throw new TokenError(
      'invalid_request',
      'client_id and client_secret: in the body or by HTTP Basic, not both',
    );
  }
  if (!clientAuth.includes('basic')) {
    throw new TokenError('invalid_client', 'client_id and client_secret: expected in the body');
  }
  return basic;
}

const EXPECTED_PROOF = {
  none: 'send both, in the body or by HTTP Basic',
  post: 'expected by HTTP Basic, not in the body',
} as const;

/** RFC 6749 §2.3.1: id and secret are form-encoded first, then joined by a colon and put in base64. */
function basicCredentials(authorization: string): { clientId: string; clientSecret: string } {
  const encoded = /^basic +([a-z0-9+/]+=*)$/i.exec(authorization)?.[1] ?? '';
  const [, id, secret] = /^([^:]+):(.+)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  if (id === undefined || secret === undefined) throw unreadableBasic();
  return { clientId: formDecode(id), clientSecret: formDecode(secret) };
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw unreadableBasic();
  }
}

const unreadableBasic = () =>
  new TokenError(
    'invalid_client',
    'Authorization: expected Basic with the form-encoded client_id and client_secret',
  );
