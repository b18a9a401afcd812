import * as v from 'valibot';
import type { CredentialRecord } from '../credential/credential.ts';
import { type Command, withCommand } from '../failure/command.ts';
import type { AdoptionResult } from '../refresh/recovery/adopt-answer.ts';
import type { OpenedAnswer } from '../refresh/recovery/unreadable-answer.ts';
import { type Path, parsePath } from '../token-endpoint/answer/value-at.ts';
import { AdminError } from './admin-error.ts';
import type { AdminContext } from './context.ts';
import { firstRefresh } from './first-refresh.ts';
import { findRecord, unknownCredential } from './lookup.ts';
import { assertQuota } from './quota-check.ts';
import { CHECK, parseRequest, RegisterRequest } from './request.ts';
import { CredentialId } from './request-values.ts';
import { IN_FLIGHT_WAIT_MS, refreshInFlight } from './reseed.ts';
import { summarize } from './summary.ts';

const PLACE =
  'where it lies in the answer: data.tokens.refresh, or a JSON Pointer such as /data/refresh.token';
const RescueRequest = v.strictObject({
  action: v.literal('rescue'),
  credential: CredentialId,
  /** True: what the answer holds is taken over, and nothing of it is shown. */
  adopt: v.optional(v.boolean('true or false'), false),
  refresh_token_at: v.optional(
    v.pipe(v.string(PLACE), v.nonEmpty(PLACE), v.maxLength(512, 'at most 512 characters')),
  ),
  force: RegisterRequest.entries.force,
  check: CHECK,
});

/**
 * Shows the operator the answers of the provider that could not be understood, which may hold live tokens; or takes over
 * the refresh token in one of them (`adopt`), of which nothing is shown then. Rejects with {@link AdminError}.
 */
export async function rescue(context: AdminContext, input: unknown) {
  const { credential, adopt, refresh_token_at: place, force, check } = parseRequest(RescueRequest, input);
  if (!adopt && place !== undefined) {
    throw wrong('refresh_token_at', 'goes with adopt; set adopt to true, or leave it out');
  }
  const path = place === undefined ? undefined : parsePath(place);
  if (place !== undefined && !path) throw wrong('refresh_token_at', `expected ${PLACE}`);
  if (check) {
    assertUnreadable(await findRecord(context, credential));
    return { credential, checked: true };
  }
  return adopt ? takeOver(context, credential, path, force) : show(context, credential);
}

async function show(context: AdminContext, credential: string) {
  await findRecord(context, credential);
  const [latest, ...earlier] = await context.refreshService.unreadableAnswers(credential);
  if (!latest) throw nothingToRescue(credential);
  const command: Command = { name: 'reseed', id: credential };
  return {
    credential,
    ...shown(latest),
    ...(earlier.length > 0 && { earlier_answers: earlier.map(shown) }),
    remedy: withCommand(
      'Give the refresh token in it to rescue --adopt, which takes it over unseen; if there is none, give a new one from the provider to:',
      command,
    ),
    command,
  };
}

const shown = ({ atMs, generation, body }: OpenedAnswer) => ({
  answered_at: new Date(atMs).toISOString(),
  generation,
  answer: body.reveal(),
});

async function takeOver(
  context: AdminContext,
  credential: string,
  refreshTokenAt: Path | undefined,
  force: boolean,
) {
  const before = await findRecord(context, credential);
  assertUnreadable(before);
  if (before.state !== 'active' && !force) await assertQuota(context, before, 'reseed');
  const chain = context.random.id();
  const adoption = { credential, chain, refreshTokenAt, waitMs: IN_FLIGHT_WAIT_MS };
  assertBegun(context, credential, await context.refreshService.adoptAnswer(adoption));
  const kept = { step: 'refresh token of the answer kept', ok: true };
  const { record, step } = await firstRefresh(context, credential);
  const takenBack = record.chain !== chain;
  return {
    ...summarize(record),
    ...(takenBack && { taken_back: true }),
    steps: [kept, step],
    warnings: [],
  };
}

function assertBegun(context: AdminContext, credential: string, done: AdoptionResult): void {
  switch (done.result) {
    case 'begun':
      return;
    case 'unknown-credential':
      throw unknownCredential(credential);
    case 'nothing-to-rescue':
      throw nothingToRescue(credential);
    case 'in-flight':
      throw refreshInFlight(context, credential, done.untilMs, {
        verb: 'Try',
        command: { name: 'rescue', id: credential, flags: ['--adopt'] },
      });
    case 'not-found':
      throw notFound(done.places);
  }
}

function notFound(places: readonly string[]): AdminError {
  const known = places.length === 0 ? 'no place that has a plain name' : places.join(', ');
  return wrong('refresh_token_at', `expected the place of a whole text; the answer has ${known}`);
}

function assertUnreadable({ credential, aside }: CredentialRecord): void {
  if (!aside.unreadable) throw nothingToRescue(credential);
}

function nothingToRescue(credential: string): AdminError {
  return new AdminError('nothing-to-rescue', `There is no unreadable answer of ${credential}.`, {
    remedy: 'See how it is:',
    command: { name: 'status', id: credential },
  });
}

function wrong(field: string, message: string): AdminError {
  return new AdminError('invalid-request', `${field}: ${message}.`, { field });
}
