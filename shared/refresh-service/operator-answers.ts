import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';
import type { FailureReason } from '../failure/reasons.ts';
import type { RefusedLogin } from '../refresh/operator/log-in.ts';
import { Generation, Reason } from './answers.ts';

/** What the refresh function answers to the admin function. As open to other versions as `RefreshAnswer` of answers.ts. */
const Outcome = v.custom<RefusedLogin['outcome']>((value) => v.is(Reason, value));
const refused = v.optional(v.object({ outcome: Outcome, reason: Reason }));

export const DoneAnswer = v.object({ done: v.boolean(), refused });
export const UpdatedClientAnswer = v.object({
  done: v.boolean(),
  certificate_ends_at_ms: v.optional(v.pipe(v.number(), v.finite())),
});
/** `in_flight_until_ms`: a refresh was on its way for longer than was waited, and nothing was changed. */
export const ReseedAnswer = v.object({
  done: v.boolean(),
  refused,
  in_flight_until_ms: v.optional(v.pipe(v.number(), v.finite())),
});
/** `places`: where a token may lie in the answer, when there is none where it was said to be. */
export const AdoptionAnswer = v.variant('result', [
  v.object({ result: v.picklist(['begun', 'unknown-credential', 'nothing-to-rescue']) }),
  v.object({ result: v.literal('in-flight'), untilMs: v.pipe(v.number(), v.finite()) }),
  v.object({ result: v.literal('not-found'), places: v.array(v.string()) }),
]);
export const AcceptedAnswer = v.object({ accepted: v.boolean() });
export const ClientIdAnswer = v.object({ client_id: v.optional(v.string()) });
export const UnreadableAnswers = v.object({
  answers: v.array(
    v.object({ at_ms: v.pipe(v.number(), v.finite()), generation: Generation, body: v.string() }),
  ),
});
export const NetworksAnswer = v.object({ networks: v.array(v.string()), refused });
export const DeviceStartAnswer = v.object({
  codes: v.optional(
    v.object({
      device_code: v.string(),
      user_code: v.string(),
      verification_uri: v.string(),
      verification_uri_complete: v.exactOptional(v.string()),
      expires_in: v.number(),
      interval: v.number(),
    }),
  ),
  refused,
});
export const RecoverAnswer = v.object({
  credential: v.pipe(v.string(), v.regex(CREDENTIAL_ID)),
  result: v.picklist(['recovered', 'up-to-date', 'in-flight', 'unreadable', 'unknown-credential']),
  generation: v.optional(Generation),
  before: v.optional(Generation),
});
export const RotationAnswer = v.object({
  resealed: Generation,
  rings: v.record(v.string(), v.array(v.string())),
  unopened: v.exactOptional(v.array(v.string())),
  behind: v.exactOptional(v.boolean()),
  unfinished: v.exactOptional(v.boolean()),
});

const FoundReason = v.custom<FailureReason>((value) => v.is(Reason, value));

/** What the refresh function finds of itself. */
export const ExaminationAnswer = v.object({
  version: v.string(),
  at: v.string(),
  last_tick_at: v.exactOptional(v.string()),
  rings: v.exactOptional(FoundReason),
  quota_table: v.exactOptional(FoundReason),
});
