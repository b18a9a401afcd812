import * as v from 'valibot';
import { ServiceError } from './errors.ts';

/**
 * Checks a parsed JSON body against an operation's schema, as the service does: unknown members and nulls
 * are ignored, a member of the wrong JSON type is a `SerializationException`, a missing or out-of-bounds one
 * a `ValidationException` that lists every violation in the service's wording, without the value.
 */
export function parseRequest<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
): v.InferOutput<Schema> {
  if (Array.isArray(input)) {
    throw new ServiceError('SerializationException', 'The request body must be a JSON object.');
  }
  const result = v.safeParse(schema, withoutNulls(input));
  if (result.success) return result.output;

  for (const issue of result.issues) {
    if (issue.kind === 'schema' && !isMissing(issue)) {
      throw new ServiceError('SerializationException', `${pathOf(issue)} must be ${nounOf(issue)}.`);
    }
  }
  const violations = result.issues.map((issue) => {
    const constraint = isMissing(issue) ? 'Member must not be null' : issue.message;
    return `Value at '${pathOf(issue)}' failed to satisfy constraint: ${constraint}`;
  });
  const count = `${violations.length} validation error${violations.length > 1 ? 's' : ''} detected`;
  throw new ServiceError('ValidationException', `${count}: ${violations.join('; ')}`);
}

type Issue = v.BaseIssue<unknown>;

function isMissing(issue: Issue): boolean {
  return issue.kind === 'schema' && issue.received === 'undefined' && issue.path !== undefined;
}

function nounOf(issue: Issue): string {
  return issue.expected === 'Object' ? 'a JSON object' : `of type ${issue.expected ?? 'unknown'}`;
}

/** `SecretId` is reported as `secretId`, the key of the first of `Tags` as `tags.1.member.key`. */
function pathOf(issue: Issue): string {
  const steps = (issue.path ?? []).map(({ key }) =>
    typeof key === 'number' ? `${key + 1}.member` : lowerFirst(String(key)),
  );
  return steps.join('.') || 'The request body';
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNulls(member)]));
}
