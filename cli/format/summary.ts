import * as v from 'valibot';
import type { JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';

const text = v.nullish(v.string());
const number = v.nullish(v.number());

/** What `list` and `status` say of a credential. Members may be absent, and later versions may add some. */
const summary = v.looseObject({
  credential: v.string(),
  state: v.string(),
  provider: text,
  app: text,
  mode: text,
  publish: text,
  grant: text,
  client_auth: text,
  generation: number,
  published_generation: number,
  lanes: number,
  issued_at: text,
  expires_at: text,
  refresh_after: text,
  refresh_token_issued_at: text,
  refresh_token_expires_at: text,
  due_at: text,
  failing_since: text,
  attempts: number,
  outcome: text,
  reason: text,
  lapsed_at: text,
  after_unknown: v.nullish(v.boolean()),
  unprintable: v.nullish(v.boolean()),
  unpublished_since: text,
  unpublished_reason: text,
  client_expires_at: text,
  client_refused_since: text,
  attempt_until: text,
});

export type Summary = v.InferOutput<typeof summary>;

/** Reads the Summary of one credential. Throws a {@link CommandFailure} when it has not even an id and a state. */
export function summaryOf(answer: unknown): Summary {
  return read(summary, answer);
}

/** Reads the answer of `list`, or of `status` without an id. Throws as {@link summaryOf}. */
export function summariesOf(answer: JsonObject): readonly Summary[] {
  return read(v.looseObject({ credentials: v.array(summary) }), answer).credentials;
}

/** True if refreshes of it fail, though it has not lapsed. */
export function isFailing({ state, failing_since, outcome }: Summary): boolean {
  return state === 'active' && (typeof failing_since === 'string' || typeof outcome === 'string');
}

function read<Schema extends v.GenericSchema>(schema: Schema, answer: unknown): v.InferOutput<Schema> {
  const { success, output } = v.safeParse(schema, answer);
  if (success) return output;
  throw new CommandFailure(
    'unreadable-answer',
    'the admin function answered in a form that this version does not know',
    'Use the same version of the commands and the stack, or --json to see the answer.',
  );
}
