import type * as v from 'valibot';
import { parseRequest } from './request.ts';
import type { SecretIndex } from './secret-index.ts';

/** What an operation works with. */
export interface OperationContext {
  readonly secrets: SecretIndex;
  /** One wall-clock reading for the whole request, in milliseconds. */
  readonly nowMs: number;
  /** The service's 24 hours. */
  readonly dayMs: number;
  /** The region the request was signed for. */
  readonly region: string;
  /** So many random bytes. */
  random(bytes: number): Buffer;
}

/** Turns a parsed JSON body into the JSON body of the answer; throws `ServiceError` for any other answer. */
export type Operation = (context: OperationContext, input: unknown) => object;

/** An operation that checks its request against a schema first. */
export function defineOperation<Schema extends v.GenericSchema>(
  schema: Schema,
  run: (context: OperationContext, request: v.InferOutput<Schema>) => object,
): Operation {
  return (context, input) => run(context, parseRequest(schema, input));
}
