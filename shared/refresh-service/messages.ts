import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';
import { timing } from '../config/timing.ts';
import type { CredentialSettings } from '../credential/settings.ts';
import { CLIENT_AUTHS } from '../token-endpoint/client-auth.ts';
import { GRANTS } from '../token-endpoint/grant.ts';

/** The longest that an operator's refresh waits: the function must answer before it is ended. */
const LONGEST_WAIT_MS = 60_000;
/** The longest that a reader's refresh waits: it occupies one of the function's few places meanwhile. */
const LONGEST_READER_WAIT_MS = timing(1).readWaitMs;

/**
 * The refresh function's events, beside the schedule's (which has no `action`). They travel between functions
 * of one stack only; `seed`, `reseed` and `update-client` hold what the caller was given, to be sealed or stored.
 */
const Id = v.pipe(v.string(), v.regex(CREDENTIAL_ID));

const RefreshMessage = v.strictObject({
  action: v.literal('refresh'),
  credential: Id,
  force: v.optional(v.boolean()),
  if_generation: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  refused: v.optional(v.boolean()),
  wait_ms: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_WAIT_MS)), 0),
});

const StoredClient = v.strictObject({
  client_id: v.optional(v.string()),
  client_secret: v.optional(v.string()),
  username: v.optional(v.string()),
  password: v.optional(v.string()),
  network: v.optional(v.string()),
});

const Positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

/** The compiler leads here when a setting is added: what is not listed is refused. */
const settingEntries = {
  credential: Id,
  provider: v.string(),
  tokenUrl: v.string(),
  scope: v.optional(v.string()),
  grant: v.picklist(GRANTS),
  clientAuth: v.picklist(CLIENT_AUTHS),
  mode: v.picklist(['fresh', 'on-demand']),
  publish: v.picklist(['access', 'pair', 'none']),
  parameter: v.optional(v.boolean()),
  quota: v.optional(v.strictObject({ key: v.string(), limit: Positive, windowMs: Positive })),
  defaultAccessTokenMs: Positive,
  accessTokenMaxMs: v.optional(Positive),
  refreshBeforeMs: v.optional(Positive),
  refreshTokenMs: v.optional(Positive),
  refreshTokenLifetime: v.optional(v.picklist(['sliding', 'absolute'])),
  clientExpiresAtMs: v.optional(v.number()),
  extra: v.record(v.string(), v.string()),
} satisfies Readonly<Record<keyof CredentialSettings, v.GenericSchema>>;
const Settings = v.strictObject(settingEntries);
const { tokenUrl, clientAuth, scope, extra, quota } = settingEntries;
const LoginSettings = v.strictObject({ tokenUrl, clientAuth, scope, extra, quota });

const SeedMessage = v.strictObject({
  action: v.literal('seed'),
  settings: Settings,
  chain: v.string(),
  lanes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  refresh_token: v.optional(v.string()),
  /** Instead of a refresh token: a login to be made once. */
  login: v.optional(StoredClient),
});

const ReseedMessage = v.strictObject({
  action: v.literal('reseed'),
  credential: Id,
  chain: v.string(),
  refresh_token: v.optional(v.string()),
  login: v.optional(StoredClient),
});

const UpdateClientMessage = v.strictObject({
  action: v.literal('update-client'),
  credential: Id,
  changes: StoredClient,
});

const RecoverMessage = v.strictObject({ action: v.literal('recover'), credential: Id });
const UnreadableAnswerMessage = v.strictObject({ action: v.literal('unreadable-answer'), credential: Id });
const RotateSealMessage = v.strictObject({ action: v.literal('rotate-seal') });
const TestAlertMessage = v.strictObject({
  action: v.literal('test-alert'),
  code: v.pipe(v.string(), v.digits()),
});

const ExamineMessage = v.strictObject({ action: v.literal('examine') });

const NetworksMessage = v.strictObject({
  action: v.literal('networks'),
  settings: LoginSettings,
  login: StoredClient,
});

/** What the read function asks for: a refresh that is due, or of a token that was reported as refused. */
export const ReadersMessage = v.strictObject({
  ...RefreshMessage.entries,
  force: v.optional(v.literal(false)),
  wait_ms: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_READER_WAIT_MS)), 0),
});

export const ActionMessage = v.variant('action', [
  RefreshMessage,
  SeedMessage,
  ReseedMessage,
  UpdateClientMessage,
  RecoverMessage,
  UnreadableAnswerMessage,
  RotateSealMessage,
  TestAlertMessage,
  ExamineMessage,
  NetworksMessage,
]);

export type ActionMessage = v.InferOutput<typeof ActionMessage>;
/** A message as its sender writes it. */
export type SentMessage = v.InferInput<typeof ActionMessage>;
