import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { CredentialRecord, SealedPair } from '../credential/credential.ts';
import type { OpenTokens } from '../sealing/sealer.ts';
import { Secret } from '../secret/secret.ts';
import { MOST_SECRET_BYTES } from '../secret-store/secret-store.ts';

/** The JSON in a lane. Times are RFC 3339, UTC. */
export interface PublishedValue {
  readonly access_token: string;
  readonly token_type: string;
  readonly scope: string;
  readonly issued_at: string;
  readonly expires_at: string;
  readonly refresh_after: string;
  readonly generation: number;
  readonly chain: string;
  readonly lanes: number;
  readonly credential: string;
  readonly provider: string;
  /** Left out where the value would be too large with it: the ledger has the pair too. */
  readonly sealed?: { readonly access?: string; readonly refresh?: string };
  readonly refresh_token?: string;
  /** Members of the provider's answer that API calls need. */
  readonly fields?: SealedPair['fields'];
  /** What API calls must send as `User-Agent`. */
  readonly user_agent?: string;
}

/** The tokens are larger than a secret can be: nothing was written. */
export class TokenTooLargeError extends Error {
  readonly code = 'token-too-large';
  override readonly name = 'TokenTooLargeError';
}

/**
 * Renders the current pair, without the sealed one where it would not fit. The same record gives the same bytes: a
 * repeated publish repeats itself. Throws {@link TokenTooLargeError}.
 */
export function renderPublished(record: CredentialRecord, pair: SealedPair, tokens: OpenTokens): Secret {
  const value: PublishedValue = {
    access_token: tokens.accessToken?.reveal() ?? '',
    token_type: pair.tokenType,
    scope: pair.scope ?? '',
    issued_at: new Date(pair.issuedAtMs).toISOString(),
    expires_at: new Date(pair.expiresAtMs).toISOString(),
    refresh_after: new Date(pair.refreshAfterMs).toISOString(),
    generation: pair.generation,
    chain: pair.chain,
    lanes: record.publication.lanes,
    credential: record.credential,
    provider: record.provider,
    sealed: { access: pair.sealedAccess, refresh: pair.sealedRefresh },
    ...(record.publish === 'pair' && tokens.refreshToken
      ? { refresh_token: tokens.refreshToken.reveal() }
      : {}),
    ...callMembers(record, pair),
  };
  const whole = JSON.stringify(value);
  if (Buffer.byteLength(whole) <= MOST_SECRET_BYTES) return new Secret(whole);
  const { sealed: _, ...rest } = value;
  const fitting = JSON.stringify(rest);
  if (Buffer.byteLength(fitting) <= MOST_SECRET_BYTES) return new Secret(fitting);
  throw new TokenTooLargeError(`The published value is more than ${MOST_SECRET_BYTES} bytes.`);
}

/**
 * The value as a parameter holds it: without the sealed pair where it would be over `mostBytes`. Parameter Store takes
 * two braces for a reference to another parameter; in JSON they are found within strings only, where they can be escaped.
 */
export function asParameter(value: Secret, mostBytes: number): Secret {
  const text = value.reveal().replaceAll('{{', '{\\u007b');
  if (Buffer.byteLength(text) <= mostBytes) return new Secret(text);
  const { sealed: _, ...rest } = JSON.parse(text) as PublishedValue;
  return new Secret(JSON.stringify(rest).replaceAll('{{', '{\\u007b'));
}

/** What an API call needs beside the token, where it was registered. Pure. */
export function callMembers(
  { userAgent }: Pick<CredentialRecord, 'userAgent'>,
  { fields }: Pick<SealedPair, 'fields'>,
): Pick<PublishedValue, 'fields' | 'user_agent'> {
  return { ...(fields && { fields }), ...(userAgent !== undefined && { user_agent: userAgent }) };
}

/** What a lane holds before its first token: generation 0, and no token. */
export function renderPlaceholder(record: {
  readonly credential: string;
  readonly provider: string;
  readonly chain: string;
  readonly lanes: number;
}): Secret {
  const never = new Date(0).toISOString();
  const value: PublishedValue = {
    access_token: '',
    token_type: 'Bearer',
    scope: '',
    issued_at: never,
    expires_at: never,
    refresh_after: never,
    generation: 0,
    chain: record.chain,
    lanes: record.lanes,
    credential: record.credential,
    provider: record.provider,
    sealed: {},
  };
  return new Secret(JSON.stringify(value));
}

/**
 * The idempotency token of a publish: 64 characters, the same for the same value. It names what the value is
 * made of and no token in clear: a pair that was sealed anew, or is published otherwise, is another value. So is one
 * that is published as it was before something else was: a token that was used would leave the other one current.
 */
export function publishToken(
  record: Pick<CredentialRecord, 'credential' | 'publish' | 'publication' | 'userAgent'>,
  pair: SealedPair,
): string {
  const { credential, publish, userAgent } = record;
  const { changes = 0, lanes } = record.publication;
  const { chain, generation, sealedAccess, sealedRefresh } = pair;
  const parts = [credential, chain, generation, publish, changes, lanes, sealedAccess, sealedRefresh];
  const all = userAgent === undefined ? parts : [...parts, userAgent];
  return createHash('sha256').update(all.join('\n')).digest('hex');
}

/** What was published is what was picked from an answer: any JSON. */
export const PublishedFields = v.custom<NonNullable<SealedPair['fields']>>((value) =>
  v.is(v.record(v.string(), v.unknown()), value),
);

const StoredValue = v.object({
  chain: v.string(),
  generation: v.number(),
  token_type: v.string(),
  scope: v.string(),
  issued_at: v.pipe(v.string(), v.isoTimestamp()),
  expires_at: v.pipe(v.string(), v.isoTimestamp()),
  refresh_after: v.pipe(v.string(), v.isoTimestamp()),
  sealed: v.optional(v.object({ access: v.optional(v.string()), refresh: v.optional(v.string()) })),
  fields: v.optional(PublishedFields),
});

/**
 * The sealed pair of a published value; undefined for a placeholder, for one that was left out, and for what cannot be read. The end of
 * its refresh token is not published: `refreshTokenMs` from its issue.
 */
export function parsePublished(value: Secret, refreshTokenMs: number | undefined): SealedPair | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), StoredValue), value.reveal());
  if (!parsed.success || !parsed.output.sealed?.access) return undefined;
  const { chain, generation, token_type, scope, issued_at, expires_at, refresh_after, sealed, fields } =
    parsed.output;
  const issuedAtMs = Date.parse(issued_at);
  return {
    chain,
    generation,
    attempt: `published-${chain}-${generation}`,
    sealedAccess: sealed.access,
    sealedRefresh: sealed.refresh,
    tokenType: token_type,
    scope,
    ...(fields && { fields }),
    issuedAtMs,
    expiresAtMs: Date.parse(expires_at),
    refreshAfterMs: Date.parse(refresh_after),
    refreshTokenExpiresAtMs: refreshTokenMs && Math.floor(issuedAtMs + refreshTokenMs),
  };
}
