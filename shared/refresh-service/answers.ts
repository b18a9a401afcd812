import * as v from 'valibot';
import type { RefreshResultName, ResultReason } from '../failure/refresh-results.ts';

/**
 * What the refresh function answers, as its callers parse it. While a stack is deployed, the answer may come from
 * another version of the function: a member that is not listed is dropped, and a code needs the form of a code alone.
 */
const Code = v.pipe(v.string(), v.regex(/^[\w.-]{1,128}$/));
export const Reason = v.custom<ResultReason>((value) => v.is(Code, value));
export const Generation = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const RefreshAnswer = v.object({
  result: v.custom<RefreshResultName>((value) => v.is(Code, value)),
  reason: v.optional(Reason),
  generation: v.optional(Generation),
  againAtMs: v.optional(v.pipe(v.number(), v.finite())),
});
