/** An entry of a list of providers in the manner of Nango's `providers.yaml`, as far as a token request depends on it. */
export interface ListEntry {
  readonly alias?: string;
  readonly auth_mode?: string;
  readonly token_url?: unknown;
  readonly refresh_url?: string;
  readonly authorization_method?: string;
  readonly token_request_auth_method?: string;
  readonly body_format?: string;
  readonly token_params?: Readonly<Record<string, unknown>>;
  readonly refresh_params?: Readonly<Record<string, unknown>>;
  readonly refresh_token_params?: Readonly<Record<string, unknown>>;
  readonly token_headers?: Readonly<Record<string, string>>;
  readonly token_response_metadata?: readonly string[];
  readonly redirect_uri_metadata?: readonly string[];
  readonly default_scopes?: readonly string[];
  readonly scope_separator?: string;
  readonly require_client_certificate?: boolean;
  readonly expires_in_unit?: string;
  readonly token_expires_in_ms?: number;
}

const OAUTH2: ReadonlySet<string | undefined> = new Set(['OAUTH2', 'OAUTH2_CC']);

/** The OAuth 2 entries of a list, each with what it takes over from the entry that it is an alias of. */
export function oauthEntries(
  list: Readonly<Record<string, ListEntry>>,
): readonly (readonly [string, ListEntry])[] {
  const whole = (entry: ListEntry): ListEntry => {
    const origin = entry.alias === undefined ? undefined : list[entry.alias];
    return origin ? { ...whole(origin), ...entry } : entry;
  };
  return Object.entries(list)
    .map(([name, entry]) => [name, whole(entry)] as const)
    .filter(([, { auth_mode }]) => OAUTH2.has(auth_mode));
}
