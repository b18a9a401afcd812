import * as v from 'valibot';

/** A request body that is not what the route expects. The message names the field, never its value. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly code = 'invalid_request';
}

/** Parses a JSON body by `schema`, whose messages say what is expected. Throws {@link BodyError}. */
export function parseJsonBody<Schema extends v.GenericSchema>(
  body: string,
  schema: Schema,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, parseJson(body), { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new BodyError(`${v.getDotPath(issue) ?? 'body'}: ${issue.message}`);
}

/** Message for an object schema: the same schema speaks for a missing field and for something that is no object. */
export function missingOrNoObject(issue: v.BaseIssue<unknown>): string {
  return issue.path ? 'missing' : 'expected a JSON object';
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new BodyError('body: expected JSON');
  }
}
