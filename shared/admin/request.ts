import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';
import { AdminError } from './admin-error.ts';
import { Extra } from './extra.ts';

/** A credential's id, as every action names it. */
export const CredentialId = v.pipe(
  v.string('an id that matches [a-z0-9][a-z0-9._-]{0,63}'),
  v.regex(CREDENTIAL_ID, 'an id that matches [a-z0-9][a-z0-9._-]{0,63}'),
);

const Text = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(4096, 'at most 4096 characters'),
);
/** Secrets: the message never repeats a value, and neither does the schema's own. */
const SecretText = v.pipe(
  v.string('a string'),
  v.nonEmpty('a string that is not empty'),
  v.maxLength(16_384, 'at most 16384 characters'),
);
const AT_ENDS = 'has blanks or line breaks at its ends; remove them';
const CONTROLS = 'has line breaks or other control characters; remove them';
/**
 * A secret that a provider made. What came along when it was pasted would be sent with it, and the refusal would end
 * the chain. A password is a person's own, and may have anything in it.
 */
export const IssuedSecret = v.pipe(SecretText, v.check(isTrimmed, AT_ENDS), v.check(hasNoControls, CONTROLS));
/** RFC 6749 appendix A.15: any characters but line breaks. */
const Name = v.pipe(Text, v.check(hasNoControls, CONTROLS));
const Scope = v.pipe(
  Text,
  v.check((text) => text.trim() !== '', 'has nothing but blanks; leave it out'),
  v.check(hasNoControls, CONTROLS),
);
const Seconds = v.pipe(
  v.number('a number of seconds'),
  v.minValue(1, 'at least 1 second'),
  v.maxValue(10 * 366 * 86_400, 'at most 10 years'),
);

/** The client secret of a request, and how it is stored. */
export const Client = v.strictObject({
  client_id: v.optional(v.pipe(Text, v.check(isTrimmed, AT_ENDS), v.check(hasNoControls, CONTROLS))),
  client_secret: v.optional(IssuedSecret),
  username: v.optional(Name),
  password: v.optional(SecretText),
  network: v.optional(Name),
});

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

/** `register`. What the provider's profile knows may be left out. */
export const RegisterRequest = v.strictObject({
  action: v.literal('register'),
  credential: CredentialId,
  provider: v.optional(Text, 'bs2'),
  token_url: v.optional(Text),
  scope: v.optional(Scope),
  grant: v.optional(
    v.picklist(
      ['refresh_token', 'password', 'client_credentials'],
      'refresh_token, password or client_credentials',
    ),
  ),
  client_auth: v.optional(v.picklist(['post', 'basic', 'none'], 'post, basic or none')),
  mode: v.optional(v.picklist(['fresh', 'on-demand'], 'fresh or on-demand'), 'fresh'),
  publish: v.optional(v.picklist(['access', 'pair', 'none'], 'access, pair or none')),
  parameter: v.optional(v.boolean('true or false')),
  quota: v.optional(QuotaInput),
  access_token_seconds: v.optional(Seconds),
  refresh_token_seconds: v.optional(Seconds),
  refresh_token_lifetime: v.optional(v.picklist(['sliding', 'absolute'], 'sliding or absolute')),
  extra: v.optional(Extra, {}),
  force: v.optional(v.boolean('true or false'), false),
  client: v.optional(Client, {}),
  refresh_token: v.optional(IssuedSecret),
});
export type RegisterRequest = v.InferOutput<typeof RegisterRequest>;

const action = v.string();
/** Of an action that takes nothing. */
export const BareRequest = v.strictObject({ action });
export const OneRequest = v.strictObject({ action, credential: CredentialId });
export const MaybeOneRequest = v.strictObject({ action, credential: v.optional(CredentialId) });
export const RefreshAction = v.strictObject({
  action,
  credential: CredentialId,
  force: v.optional(v.boolean('true or false'), false),
});

/** Checks a request; throws {@link AdminError} `invalid-request` that names the first wrong member, never its value. */
export function parseRequest<const Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, input, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue) ?? 'request';
  throw new AdminError('invalid-request', `${field}: ${explain(issue)}.`, { field });
}

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' || issue.type === 'object') {
    if (issue.expected === 'never') return 'is not known here; leave it out';
    return issue.received === 'undefined' ? 'is missing' : 'expected an object';
  }
  // A check says what is wrong, everything else what was expected.
  return issue.type === 'check' ? issue.message : `expected ${issue.message}`;
}

function isTrimmed(text: string): boolean {
  return text.trim() === text;
}

function hasNoControls(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}
