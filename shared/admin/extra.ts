import * as v from 'valibot';
import { isSecretName, isSecretValue, plainName } from '../secret/secret-names.ts';
import { NamedMembers } from './request-values.ts';

const MOST_BYTES = 16 * 1024;

/** What the grant, the client and the scope put into a token request, as compared by {@link plainName}. */
const STANDARD_NAMES: ReadonlySet<string> = new Set([
  'granttype',
  'scope',
  'clientassertiontype',
  'username',
  'code',
  'codeverifier',
  'devicecode',
]);

/**
 * True for a parameter that makes a token request what it is (RFC 6749 §4 and §6, RFC 7521, RFC 7636, RFC 8628): a
 * setting or the client secret says it, never `extra`. `client_id` is one, except beside HTTP Basic, where some
 * providers want it in the body too ({@link isClientId}). Pure.
 */
export function isStandardName(name: string): boolean {
  return STANDARD_NAMES.has(unnumbered(name));
}

/** True for the client's id, under any spelling that a server may take for it. Pure. */
export function isClientId(name: string): boolean {
  return unnumbered(name) === 'clientid';
}

/** Some servers read `scope[0]` as `scope`. */
function unnumbered(name: string): string {
  return plainName(name).replace(/\d+$/, '');
}

const Value = v.union(
  [
    v.string(),
    v.pipe(
      v.array(v.string()),
      v.minLength(1),
      v.transform((list): readonly string[] => list),
    ),
  ],
  'a string, or a list of strings',
);

type ExtraInput = Readonly<Record<string, string | readonly string[]>>;

/** `extra`: more parameters, a list for one that is sent several times. They are kept as they are given. */
export const Extra = v.pipe(
  NamedMembers,
  v.record(v.string(), Value, 'an object of strings'),
  v.check(isSmall, `has too much in it; at most ${MOST_BYTES} bytes of names and values together`),
  v.check(
    (extra) => !names(extra).some(isSecretName) && !Object.values(extra).flat().some(isSecretValue),
    'takes no secret (tokens, passwords, client secrets, API keys); those go into client and refresh_token',
  ),
  v.check(
    (extra) => !names(extra).some(isStandardName),
    'cannot replace what makes the token request (grant_type, client_id, username, scope, code and the like); leave it out',
  ),
);

function names(extra: ExtraInput): string[] {
  return Object.keys(extra);
}

function isSmall(extra: ExtraInput): boolean {
  const bytes = Object.entries(extra).flatMap(([name, value]) =>
    [value].flat().map((each) => Buffer.byteLength(name) + Buffer.byteLength(each)),
  );
  return bytes.reduce((sum, each) => sum + each, 0) <= MOST_BYTES;
}
