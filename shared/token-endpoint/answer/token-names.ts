/** Names of an access token in an answer, as {@link plain} compares them: `access_token`, `accessToken`. */
const ACCESS_TOKEN_NAMES: ReadonlySet<string> = new Set(['accesstoken', 'newaccesstoken']);

/** Names that mean an access token only beside a refresh token (`{"token", "refreshToken"}`, `{"access", "refresh"}`). */
const SHORT_ACCESS_NAMES: ReadonlySet<string> = new Set(['token', 'access']);

const REFRESH_TOKEN_NAMES: ReadonlySet<string> = new Set(['refreshtoken', 'newrefreshtoken']);

const SHORT_REFRESH_NAMES: ReadonlySet<string> = new Set(['refresh']);

/** Further names under which part of a pair may lie: nothing is read from these, and what holds one is kept. */
const TOKEN_LIKE = /(?:^|access|refresh|auth|oauth|oauth2|bearer|new)tokens?$|^(?:jwt|bearer)$/;

/**
 * Members whose content is no pair of this answer, whatever is in it: an error that quotes a token, the request sent
 * back, what was before, an example of what an answer looks like.
 */
const NO_SOURCE =
  /^(?:errors?|err|fault|exception|cause|debug|trace|request|input|params|parameters|received|echo|query|old\w*|previous\w*|prior\w*|revoked\w*|expired\w*|examples?|samples?|schemas?|docs?|documentation|usage|help|hints?|links)$|^error/;

/** The kind of token that a member of this name holds, if it is sure. */
export function tokenKind(name: string): 'access' | 'refresh' | undefined {
  const word = plain(name);
  if (ACCESS_TOKEN_NAMES.has(word)) return 'access';
  return REFRESH_TOKEN_NAMES.has(word) ? 'refresh' : undefined;
}

/** The kind of token that a member of this name holds beside a token of the other kind. */
export function shortTokenKind(name: string): 'access' | 'refresh' | undefined {
  const word = plain(name);
  if (SHORT_ACCESS_NAMES.has(word)) return 'access';
  return SHORT_REFRESH_NAMES.has(word) ? 'refresh' : undefined;
}

/** True for a name under which something of a pair may lie. */
export function isTokenLike(name: string): boolean {
  return TOKEN_LIKE.test(plain(name));
}

/** False for a member in which no pair of this answer can lie. */
export function canHoldPair(name: string): boolean {
  return !NO_SOURCE.test(plain(name));
}

/** Members beside a token, or in place of one, that are never a token themselves. */
const SPEAKS_OF_TOKEN =
  /^(?:messages?|msg|status\w*|codes?|types?|tokentypes?|scopes?|expires?\w*|expiry\w*|reason|details?|titles?|success|ok)$/;

/** True for a member that says something of a token, or why there is none. */
export function speaksOfToken(name: string): boolean {
  return SPEAKS_OF_TOKEN.test(plain(name)) || !canHoldPair(name);
}

/** A name as it is compared: without case, dashes, underscores, dots and blanks. */
export function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.\s]/g, '');
}

// A name and the beginning of its value, in whatever notation, quotes escaped or not.
const NAMED_IN_TEXT = /(?:access|refresh)[-_]?token\\*["']?\s*(?:[:=]|=>)\s*\\*["']?[^\s"',;&)}\]]/i;

/** True if a text that cannot be read holds a token's name with a value: what is only spoken of has none. */
export function namesToken(text: string): boolean {
  return NAMED_IN_TEXT.test(text);
}
