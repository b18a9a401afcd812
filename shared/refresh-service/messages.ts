import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';
import type { CredentialSettings } from '../credential/settings.ts';
import type { Login } from '../refresh/operator/log-in.ts';

/**
 * The refresh function's events, beside the schedule's (which has no `action`). They travel between functions
 * of one stack only; `seed`, `reseed` and `update-client` hold what the caller was given, to be sealed or stored.
 */
const Id = v.pipe(v.string(), v.regex(CREDENTIAL_ID));

const RefreshMessage = v.object({
  action: v.literal('refresh'),
  credential: Id,
  force: v.optional(v.boolean()),
  if_generation: v.optional(v.pipe(v.number(), v.integer())),
  refused: v.optional(v.boolean()),
  wait_ms: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
});

const StoredClient = v.object({
  client_id: v.optional(v.string()),
  client_secret: v.optional(v.string()),
  username: v.optional(v.string()),
  password: v.optional(v.string()),
  network: v.optional(v.string()),
});

const SeedMessage = v.object({
  action: v.literal('seed'),
  settings: v.custom<CredentialSettings>((value) => typeof value === 'object' && value !== null),
  chain: v.string(),
  lanes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  refresh_token: v.optional(v.string()),
  /** Instead of a refresh token: a login to be made once. */
  login: v.optional(StoredClient),
});

const ReseedMessage = v.object({
  action: v.literal('reseed'),
  credential: Id,
  chain: v.string(),
  refresh_token: v.optional(v.string()),
  login: v.optional(StoredClient),
});

const UpdateClientMessage = v.object({
  action: v.literal('update-client'),
  credential: Id,
  changes: StoredClient,
});

const RecoverMessage = v.object({ action: v.literal('recover'), credential: Id });
const UnreadableAnswerMessage = v.object({ action: v.literal('unreadable-answer'), credential: Id });
const RotateSealMessage = v.object({ action: v.literal('rotate-seal') });
const TestAlertMessage = v.object({ action: v.literal('test-alert'), code: v.pipe(v.string(), v.digits()) });

const NetworksMessage = v.object({
  action: v.literal('networks'),
  settings: v.custom<Login['settings']>((value) => typeof value === 'object' && value !== null),
  login: StoredClient,
});

/** What the read function asks for: a refresh that is due, or of a token that was reported as refused. */
export const ReadersMessage = v.object({ ...RefreshMessage.entries, force: v.optional(v.literal(false)) });

export const ActionMessage = v.variant('action', [
  RefreshMessage,
  SeedMessage,
  ReseedMessage,
  UpdateClientMessage,
  RecoverMessage,
  UnreadableAnswerMessage,
  RotateSealMessage,
  TestAlertMessage,
  NetworksMessage,
]);

export type ActionMessage = v.InferOutput<typeof ActionMessage>;
/** A message as its sender writes it. */
export type SentMessage = v.InferInput<typeof ActionMessage>;
