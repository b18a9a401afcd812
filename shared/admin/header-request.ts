import * as v from 'valibot';
import { isSecretName, isSecretValue } from '../secret/secret-names.ts';
import { isHeader, isOwnHeader } from '../token-endpoint/request/request-headers.ts';
import { NamedMembers } from './request-values.ts';

const MOST_BYTES = 8 * 1024;
const VALUES = 'an object of strings';

const Headers = v.pipe(
  NamedMembers,
  v.record(v.string(), v.string('a string'), VALUES),
  v.check(
    (headers) => Object.entries(headers).every(([name, value]) => isHeader(name, value) && value !== ''),
    'has a name or a value that HTTP cannot carry (blanks in a name, line breaks or control characters, nothing at all); correct it',
  ),
  v.check(
    (headers) => !Object.keys(headers).some(isOwnHeader),
    'has a header that HTTP or Renova sets (host, content-type, connection and the like; user-agent is the setting user_agent); leave it out',
  ),
  v.check(
    (headers) =>
      new Set(Object.keys(headers).map((name) => name.toLowerCase())).size === Object.keys(headers).length,
    'has the same header twice, in other cases; leave one out',
  ),
  v.check(
    (headers) => Buffer.byteLength(JSON.stringify(headers)) <= MOST_BYTES,
    `has too much in it; at most ${MOST_BYTES} bytes of names and values together`,
  ),
);

/** `headers`: they are kept as they are given, so nothing secret is among them. */
export const OpenHeaders = v.pipe(
  Headers,
  v.check(
    (headers) => !Object.keys(headers).some(isSecretName) && !Object.values(headers).some(isSecretValue),
    'takes no secret (authorization, api keys, cookies); those go into client.headers',
  ),
);

/** `client.headers`. */
export const SecretHeaders = Headers;
