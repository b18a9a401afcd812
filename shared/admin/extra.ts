import * as v from 'valibot';
import { isSecretName, plainName } from '../secret/secret-names.ts';

const MOST_BYTES = 16 * 1024;

/** What the grant, the client and the scope put into a token request, as compared by {@link plainName}. */
const STANDARD_NAMES: ReadonlySet<string> = new Set([
  'granttype',
  'scope',
  'clientid',
  'clientassertiontype',
  'username',
  'code',
  'codeverifier',
  'redirecturi',
  'devicecode',
]);

/**
 * True for a parameter that makes a token request what it is (RFC 6749 §4 and §6, RFC 7521, RFC 7636, RFC 8628): a
 * setting or the client secret says it, never `extra`. Pure.
 */
export function isStandardName(name: string): boolean {
  return STANDARD_NAMES.has(plainName(name));
}

/** `extra`: more body parameters. They are kept as they are given, so nothing secret is among them. */
export const Extra = v.pipe(
  v.unknown(),
  v.check((extra) => !Array.isArray(extra), 'expected an object of strings'),
  v.record(v.string(), v.string('a string'), 'an object of strings'),
  v.check(isSmall, `has too much in it; at most ${MOST_BYTES} bytes of names and values together`),
  v.check((extra) => names(extra).every((name) => name.trim() !== ''), 'has a parameter without a name'),
  v.check(
    (extra) => !names(extra).some(isSecretName),
    'takes no secret (tokens, passwords, client secrets); those go into client and refresh_token',
  ),
  v.check(
    (extra) => !names(extra).some(isStandardName),
    'cannot replace what makes the token request (grant_type, client_id, username, scope, code and the like); leave it out',
  ),
);

function names(extra: Readonly<Record<string, string>>): string[] {
  return Object.keys(extra);
}

function isSmall(extra: Readonly<Record<string, string>>): boolean {
  const bytes = Object.entries(extra).map(
    ([name, value]) => Buffer.byteLength(name) + Buffer.byteLength(value),
  );
  return bytes.reduce((sum, each) => sum + each, 0) <= MOST_BYTES;
}
