import * as v from 'valibot';
import { USUAL_PROVIDER } from '../provider/profiles.ts';
import { GRANTS } from '../token-endpoint/grant.ts';
import type { StoredClient } from '../vault/stored-client.ts';
import { AdminError } from './admin-error.ts';
import { Client } from './client-request.ts';
import { PAGE_MEMBERS } from './page.ts';
import { CredentialId, IssuedSecret, Moment, Name, oneOf, Text } from './request-values.ts';
import { AppName, QuotaInput, SETTING_ENTRIES, Tags } from './setting-entries.ts';

/** When the life of a refresh token began and ends, where it did not begin with the request. */
export const SEED_LIFE = {
  refresh_token_issued_at: v.optional(Moment),
  refresh_token_expires_at: v.optional(Moment),
} as const;
/**
 * True: says whether the request would be refused for what is known without its secrets, and changes nothing. A person
 * is asked for them after that.
 */
export const CHECK = v.optional(v.boolean('true or false'), false);

/**
 * What a login in a browser brought (RFC 6749 §4.1.3), or what a device waits with (RFC 8628 §3.4): it is exchanged
 * instead of a refresh token that is given.
 */
export const CODE = v.optional(
  v.union(
    [
      v.strictObject({ code: IssuedSecret, redirect_uri: Text, code_verifier: IssuedSecret }),
      v.strictObject({ device_code: IssuedSecret }),
    ],
    'an object of code, redirect_uri and code_verifier, or of device_code',
  ),
);
export type GivenCode = v.InferOutput<typeof CODE>;

/** `register`. What the provider's profile knows may be left out. */
export const RegisterRequest = v.strictObject({
  action: v.literal('register'),
  credential: CredentialId,
  provider: v.optional(Text, USUAL_PROVIDER),
  ...SETTING_ENTRIES,
  grant: v.optional(oneOf(GRANTS)),
  quota: v.optional(QuotaInput),
  force: v.optional(v.boolean('true or false'), false),
  client: v.optional(Client, {}),
  network: v.optional(Name),
  refresh_token: v.optional(IssuedSecret),
  code: CODE,
  ...SEED_LIFE,
  access_token: v.optional(IssuedSecret),
  expires_at: v.optional(Moment),
  check: CHECK,
});
export type RegisterRequest = v.InferOutput<typeof RegisterRequest>;

/**
 * A request with its network among the members of its client, where it is kept: it goes with the login. Throws
 * {@link AdminError} if it is given twice.
 */
export function withNetwork<Request extends { readonly network?: string; readonly client?: StoredClient }>(
  request: Request,
): Request {
  const { network, client } = request;
  if (network === undefined) return request;
  if (client?.network !== undefined) {
    throw new AdminError('invalid-request', 'network: is in client too; leave it out in one of them.', {
      field: 'network',
    });
  }
  return { ...request, client: { ...client, network } };
}

const action = v.string();
/** Of an action that takes nothing. */
export const BareRequest = v.strictObject({ action });
export const ListRequest = v.strictObject({
  action,
  tags: v.optional(Tags),
  app: v.optional(AppName),
  /** Each credential with its last refreshes and changes: only asked for where they are shown. */
  history: v.optional(v.boolean('true or false'), false),
  ...PAGE_MEMBERS,
});
export const OneRequest = v.strictObject({ action, credential: CredentialId });
export const ResumeRequest = v.strictObject({
  action,
  credential: CredentialId,
  force: RegisterRequest.entries.force,
});
export const MaybeOneRequest = v.strictObject({
  action,
  credential: v.optional(CredentialId),
  ...PAGE_MEMBERS,
});
export const PageRequest = v.strictObject({ action, ...PAGE_MEMBERS });
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
  const field = shownPath(v.getDotPath(issue));
  throw new AdminError('invalid-request', `${field}: ${explain(issue)}.`, { field });
}

const MOST_SHOWN = 100;

/** The path of a member. A name that the caller made up is shown only as far as it is a short plain name. */
function shownPath(path: string | null): string {
  if (path === null) return 'request';
  return path.length <= MOST_SHOWN && /^[\x20-\x7e]+$/.test(path) ? path : 'request';
}

function explain(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' || issue.type === 'object') {
    if (issue.expected === 'never') return 'is not known here; leave it out';
    return issue.received === 'undefined' ? 'is missing' : 'expected an object';
  }
  // A check says what is wrong, everything else what was expected.
  return issue.type === 'check' ? issue.message : `expected ${issue.message}`;
}
