import * as v from 'valibot';
import { REFRESH_RESULTS, type RefreshResultName, type ResultReason } from '../failure/refresh-results.ts';

/**
 * What the refresh function answers, as its callers parse it. A member that is not listed is refused: it would come
 * from another version of the function.
 */
const Code = v.pipe(v.string(), v.regex(/^[\w.-]{1,128}$/));
export const Reason = v.custom<ResultReason>((value) => v.is(Code, value));
export const Generation = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const RefreshAnswer = v.strictObject({
  result: v.picklist(Object.keys(REFRESH_RESULTS) as RefreshResultName[]),
  reason: v.optional(Reason),
  generation: v.optional(Generation),
  againAtMs: v.optional(v.pipe(v.number(), v.finite())),
});
