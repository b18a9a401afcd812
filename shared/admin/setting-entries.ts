import * as v from 'valibot';
import { LEAST_ANSWER_SECONDS, MOST_ANSWER_SECONDS } from '../config/timing.ts';
import { MODES, PUBLISHED_PARTS, REFRESH_SCOPES, REFRESH_TOKEN_LIFETIMES } from '../credential/settings.ts';
import { isSecretName, isSecretValue, plainName } from '../secret/secret-names.ts';
import { CLIENT_AUTHS } from '../token-endpoint/client-auth.ts';
import { REQUEST_BODIES, REQUEST_METHODS } from '../token-endpoint/request-body.ts';
import { Extra } from './extra.ts';
import { OpenHeaders } from './header-request.ts';
import {
  CredentialId,
  isReservedName,
  Name,
  NamedMembers,
  NoControls,
  oneOf,
  Seconds,
  Text,
} from './request-values.ts';

const Scope = v.pipe(
  Text,
  v.check((text) => text.trim() !== '', 'has nothing but blanks; leave it out'),
  NoControls,
);

/** RFC 9110 §10.1.5: printable ASCII, as every server and every proxy takes it. */
const UserAgent = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(512, 'at most 512 characters'),
  v.check(
    (text) => /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text),
    'has control characters, blanks at its ends, or letters that no header carries; use printable ASCII',
  ),
);

const ANSWER_RANGE = `${LEAST_ANSWER_SECONDS} to ${MOST_ANSWER_SECONDS} seconds`;
const AnswerSeconds = v.pipe(
  v.number('a number of seconds'),
  v.minValue(LEAST_ANSWER_SECONDS, ANSWER_RANGE),
  v.maxValue(MOST_ANSWER_SECONDS, ANSWER_RANGE),
);

/** An app's name: as a credential's id. */
export const AppName = CredentialId;

const Fields = v.pipe(
  v.array(
    v.pipe(v.string('a name'), v.regex(/^[\w.-]{1,128}$/, 'names of letters, digits and . _ -')),
    'a list of names',
  ),
  v.maxLength(20, 'at most 20 names'),
  v.check(
    (names) => !names.some(isSecretName),
    'takes no token or other secret of the answer; the tokens are published beside it',
  ),
  v.check(
    (names) => !names.some(isReservedName),
    'takes no __proto__, constructor or prototype; leave it out',
  ),
  v.transform((names): readonly string[] => names),
);

/** Members of the redirect of a login that API calls need: known names, and nothing secret. */
const LoginFields = v.pipe(
  NamedMembers,
  v.record(
    v.string(),
    v.pipe(v.string('a string'), v.maxLength(256, 'at most 256 characters')),
    'an object of strings',
  ),
  v.check((fields) => Object.keys(fields).length <= 10, 'has too many; at most 10'),
  v.check(
    (fields) =>
      Object.entries(fields).every(([name, value]) => !isLoginSecret(name) && !isSecretValue(value)),
    'takes no secret; leave it out',
  ),
);
export const LOGIN_FIELDS = v.optional(LoginFields);

/** The code of the redirect is good for a pair until it is exchanged. */
function isLoginSecret(name: string): boolean {
  return isSecretName(name) || plainName(name) === 'code';
}

/** As AWS takes them on a secret (TagResource), so that one which is registered can also be set there. */
const TAG_NAME = /^(?!aws:|renova:)[\p{L}\p{N} _.:/=+\-@]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} _.:/=+\-@]{0,256}$/u;
export const Tags = v.pipe(
  NamedMembers,
  v.record(v.string(), v.string('a string'), 'an object of strings'),
  v.check((tags) => Object.keys(tags).length <= 40, 'has too many; at most 40'),
  v.check(
    (tags) => Object.entries(tags).every(([name, value]) => TAG_NAME.test(name) && TAG_VALUE.test(value)),
    'has a name or a value that AWS takes on no secret (letters, digits, blanks and _ . : / = + - @; no name that begins with aws: or renova:)',
  ),
);

export const QuotaInput = v.strictObject({
  key: v.pipe(
    v.string('a name'),
    v.regex(/^[a-zA-Z0-9._:/-]{1,128}$/, 'a name of letters, digits and . _ : / -'),
  ),
  limit: v.pipe(
    v.number('a number'),
    v.integer('a whole number'),
    v.minValue(1, 'at least 1'),
    v.maxValue(1_000_000, 'at most 1000000'),
  ),
  window_seconds: Seconds,
});

/** Every setting that `register` and `update` take in the same way; one that is left out is as it was. */
export const SETTING_ENTRIES = {
  app: v.optional(AppName),
  token_url: v.optional(Text),
  refresh_url: v.optional(Text),
  network_url: v.optional(Text),
  scope: v.optional(Scope),
  refresh_scope: v.optional(oneOf(REFRESH_SCOPES)),
  client_auth: v.optional(oneOf(CLIENT_AUTHS)),
  grant_type: v.optional(Name),
  extra: v.optional(Extra),
  user_agent: v.optional(UserAgent),
  headers: v.optional(OpenHeaders),
  body: v.optional(oneOf(REQUEST_BODIES)),
  method: v.optional(oneOf(REQUEST_METHODS)),
  ca: v.optional(
    v.pipe(
      v.string('a string'),
      v.nonEmpty('a string that is not empty'),
      v.maxLength(65_536, 'at most 65536 characters'),
    ),
  ),
  answer_seconds: v.optional(AnswerSeconds),
  mode: v.optional(oneOf(MODES)),
  publish: v.optional(oneOf(PUBLISHED_PARTS)),
  parameter: v.optional(v.boolean('true or false')),
  access_token_seconds: v.optional(Seconds),
  refresh_before_seconds: v.optional(Seconds),
  refresh_token_seconds: v.optional(Seconds),
  refresh_token_lifetime: v.optional(oneOf(REFRESH_TOKEN_LIFETIMES)),
  fields: v.optional(Fields),
  login_fields: v.optional(LoginFields),
  tags: v.optional(Tags),
} as const;

const GivenSettings = v.object(SETTING_ENTRIES);
/** The settings of a request that were given. */
export type GivenSettings = v.InferOutput<typeof GivenSettings>;
