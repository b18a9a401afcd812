import * as v from 'valibot';
import { Secret } from '../../shared/secret/secret.ts';
import { CLIENT_MEMBERS, type ClientMember, type StoredClient } from '../../shared/vault/stored-client.ts';
import type { Input } from '../context.ts';
import { UsageError } from '../errors.ts';
import { type Secrets, TOKEN_MEMBERS } from './secrets.ts';

const MAX_BYTES = 64 * 1024;

const text = v.optional(v.pipe(v.string(), v.nonEmpty()));

// A list would pass for an object without members, or with members that are numbers.
const isObject = v.check<unknown>((value) => !Array.isArray(value));

/** `client_secret` with HTTP Basic: some providers give out an id alone. `headers` is no text. */
const MAY_BE_EMPTY: readonly ClientMember[] = ['client_secret', 'headers'];
const CLIENT_SHAPE: v.ObjectEntries = Object.fromEntries(
  (Object.keys(CLIENT_MEMBERS) as ClientMember[]).map((name) => [
    name,
    MAY_BE_EMPTY.includes(name) ? CLIENT_MEMBERS[name] : text,
  ]),
);
const [refreshToken, accessToken] = TOKEN_MEMBERS;

const members = v.strictObject({
  client: v.optional(v.strictObject(CLIENT_SHAPE)),
  [refreshToken]: text,
  [accessToken]: text,
});

const KNOWN = [...Object.keys(CLIENT_MEMBERS).map((name) => `client.${name}`), ...TOKEN_MEMBERS].join(', ');

const shape = v.pipe(v.unknown(), isObject, members);

/** What the JSON of a command looks like, for who gave something else. */
export const SECRETS_EXAMPLES = {
  registration: '{"client": {"client_id": "…", "client_secret": "…"}, "refresh_token": "…"}',
  client: '{"client": {"client_id": "…", "client_secret": "…"}}',
  login: '{"client": {"username": "…", "password": "…"}}',
  chain: '{"refresh_token": "…"}, or {"client": {"username": "…", "password": "…"}} of a user who logs in',
} as const;

/**
 * Reads the JSON of `--secrets -`. Throws a {@link UsageError} that names the member that is wrong, and
 * never quotes the text, as the messages of `JSON.parse` do.
 */
export function parseSecrets(
  bytes: Uint8Array,
  example: keyof typeof SECRETS_EXAMPLES = 'registration',
): Secrets {
  const { output, issues } = v.safeParse(shape, jsonOf(bytes, SECRETS_EXAMPLES[example]));
  const issue = issues?.[0];
  if (issue) throw new UsageError(sentence(issue));
  const { client = {}, ...tokens } = output as v.InferOutput<typeof shape>;
  const { headers, ...texts } = client as StoredClient;
  const given = Object.entries({ ...texts, ...tokens }).filter(([, value]) => value !== undefined);
  return {
    ...Object.fromEntries(given.map(([member, value]) => [member, new Secret(String(value))])),
    ...(headers && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, new Secret(value)])),
    }),
  };
}

/** What fails before a pipe prints nothing into it, or its error, which nobody sees. */
const NOTHING_CAME = 'no secrets came on standard input (has the command before the pipe failed?)';
const ERROR_CAME =
  'what came on standard input is an error and no secrets: run the command before the pipe alone to see it';
const errorAnswer = v.looseObject({ error: v.unknown() });

/** Everything that comes, up to 64 KiB. Rejects with a {@link UsageError} beyond. */
export async function readBounded(input: Input): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BYTES) throw new UsageError('the secrets on standard input must be at most 64 KiB');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function jsonOf(bytes: Uint8Array, example: string): unknown {
  if (/^\s*$/.test(Buffer.from(bytes).toString('latin1'))) {
    throw new UsageError(`${NOTHING_CAME}; expected as JSON: ${example}`);
  }
  const given = parsed(bytes, example);
  if (v.is(errorAnswer, given)) throw new UsageError(`${ERROR_CAME}; expected: ${example}`);
  return given;
}

function parsed(bytes: Uint8Array, example: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new UsageError(`the secrets on standard input must be JSON: ${example}`);
  }
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path === null) return 'the secrets on standard input must be a JSON object';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `the secrets have a member that is not known: ${path} (known: ${KNOWN})`;
  }
  return `the secrets' member ${path} must be ${issue.type === 'strict_object' ? 'an object' : 'text, and not empty'}`;
}
