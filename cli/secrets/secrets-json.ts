import * as v from 'valibot';
import { Secret } from '../../shared/secret/secret.ts';
import type { Input } from '../context.ts';
import { UsageError } from '../errors.ts';
import type { Secrets } from './secrets.ts';

const MAX_BYTES = 64 * 1024;

const text = v.optional(v.pipe(v.string(), v.nonEmpty()));

// A list would pass for an object without members, or with members that are numbers.
const isObject = v.check<unknown>((value) => !Array.isArray(value));

const members = v.strictObject({
  client: v.optional(
    v.strictObject({ client_id: text, client_secret: text, username: text, password: text, network: text }),
  ),
  refresh_token: text,
});

const shape = v.pipe(v.unknown(), isObject, members);

/**
 * Reads the JSON of `--secrets -`. Throws a {@link UsageError} that names the member that is wrong, and
 * never quotes the text, as the messages of `JSON.parse` do.
 */
export function parseSecrets(bytes: Uint8Array): Secrets {
  const { output, issues } = v.safeParse(shape, jsonOf(bytes));
  const issue = issues?.[0];
  if (issue) throw new UsageError(sentence(issue));
  const { client = {}, refresh_token } = output as v.InferOutput<typeof shape>;
  const given = Object.entries({ ...client, refresh_token }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([member, value]) => [member, new Secret(String(value))]));
}

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

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new UsageError(
      'the secrets on standard input must be JSON: {"client": {"client_id": "…", "client_secret": "…"}, "refresh_token": "…"}',
    );
  }
}

function sentence(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  if (path === null) return 'the secrets on standard input must be a JSON object';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `the secrets have a member that is not known: ${path} (known: client.client_id, client.client_secret, client.username, client.password, client.network, refresh_token)`;
  }
  return `the secrets' member ${path} must be ${issue.type === 'strict_object' ? 'an object' : 'text, and not empty'}`;
}
