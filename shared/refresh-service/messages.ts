import * as v from 'valibot';
import { CREDENTIAL_ID } from '../config/names.ts';
import { timing } from '../config/timing.ts';
import { ACTOR } from '../credential/history.ts';
import {
  type CredentialSettings,
  MODES,
  PUBLISHED_PARTS,
  REFRESH_SCOPES,
  REFRESH_TOKEN_LIFETIMES,
  type RequestSettings,
} from '../credential/settings.ts';
import { CLIENT_AUTHS } from '../token-endpoint/client-auth.ts';
import { GRANTS } from '../token-endpoint/grant.ts';
import { REQUEST_BODIES, REQUEST_METHODS } from '../token-endpoint/request-body.ts';
import { ExactStoredClient } from '../vault/stored-client.ts';

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

const Positive = v.pipe(v.number(), v.finite(), v.gtValue(0));

const Text = v.optional(v.string());
/** Read-only, as settings hold it. */
const List = v.custom<readonly string[]>((value) => v.is(v.array(v.string()), value));
const Texts = v.record(v.string(), v.string());
const Quota = v.optional(v.strictObject({ key: v.string(), limit: Positive, windowMs: Positive }));

/** The compiler leads here when a setting is added: what is not listed is refused. */
const requestEntries = {
  tokenUrl: v.string(),
  refreshUrl: Text,
  clientAuth: v.picklist(CLIENT_AUTHS),
  scope: Text,
  refreshScope: v.optional(v.picklist(REFRESH_SCOPES)),
  grantType: Text,
  extra: v.record(v.string(), v.union([v.string(), List])),
  userAgent: Text,
  headers: v.optional(Texts),
  body: v.optional(v.picklist(REQUEST_BODIES)),
  method: v.optional(v.picklist(REQUEST_METHODS)),
  ca: Text,
  answerSeconds: v.optional(Positive),
} satisfies Readonly<Record<keyof RequestSettings, v.GenericSchema>>;
const settingEntries = {
  ...requestEntries,
  credential: Id,
  provider: v.string(),
  grant: v.picklist(GRANTS),
  app: v.optional(Id),
  mode: v.picklist(MODES),
  publish: v.picklist(PUBLISHED_PARTS),
  parameter: v.optional(v.boolean()),
  quota: Quota,
  defaultAccessTokenMs: Positive,
  accessTokenMaxMs: v.optional(Positive),
  refreshBeforeMs: v.optional(Positive),
  refreshTokenMs: v.optional(Positive),
  refreshTokenLifetime: v.optional(v.picklist(REFRESH_TOKEN_LIFETIMES)),
  clientExpiresAtMs: v.optional(v.number()),
  networkUrl: v.optional(v.string()),
  fields: v.optional(List),
  loginFields: v.optional(Texts),
  tags: v.optional(Texts),
} satisfies Readonly<Record<keyof CredentialSettings, v.GenericSchema>>;
const Settings = v.strictObject(settingEntries);
const LoginSettings = v.strictObject({ ...requestEntries, quota: Quota });

/** What is known of the seed beside its refresh token. */
const Moment = v.optional(v.pipe(v.number(), v.safeInteger()));
const SeedLife = { refresh_token_issued_at_ms: Moment, refresh_token_expires_at_ms: Moment };

/** Who gives it, as they say. */
const By = v.optional(v.pipe(v.string(), v.regex(ACTOR)));

/** What a login in a browser brought: it is exchanged with the client of `login`, or the one that is stored. */
const Code = v.optional(
  v.union([
    v.strictObject({ code: v.string(), redirect_uri: v.string(), code_verifier: v.string() }),
    v.strictObject({ device_code: v.string() }),
  ]),
);

const SeedMessage = v.strictObject({
  action: v.literal('seed'),
  settings: Settings,
  chain: v.string(),
  lanes: v.pipe(v.number(), v.integer(), v.minValue(1)),
  refresh_token: v.optional(v.string()),
  ...SeedLife,
  /** A living access token of the same pair: it is taken over, and nothing is spent. */
  access_token: v.optional(v.string()),
  expires_at_ms: Moment,
  /** Instead of a refresh token: a login to be made once. */
  login: v.optional(ExactStoredClient),
  by: By,
  code: Code,
});

const ReseedMessage = v.strictObject({
  action: v.literal('reseed'),
  credential: Id,
  chain: v.string(),
  refresh_token: v.optional(v.string()),
  ...SeedLife,
  /** How long an attempt in flight is waited for. */
  wait_ms: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(LONGEST_WAIT_MS)), 0),
  login: v.optional(ExactStoredClient),
  by: By,
  code: Code,
});

const UpdateClientMessage = v.strictObject({
  action: v.literal('update-client'),
  /** Whose client it is: one credential's own, or an app's. */
  ...{ credential: v.optional(Id), app: v.optional(Id) },
  changes: ExactStoredClient,
});

const ClientIdMessage = v.strictObject({
  action: v.literal('client-id'),
  ...{ credential: v.optional(Id), app: v.optional(Id) },
});

const RecoverMessage = v.strictObject({ action: v.literal('recover'), credential: Id });
const UnreadableAnswersMessage = v.strictObject({ action: v.literal('unreadable-answers'), credential: Id });
const AdoptAnswerMessage = v.strictObject({
  action: v.literal('adopt-answer'),
  credential: Id,
  chain: v.string(),
  /** Names of members and places in lists, outermost first. Absent: only asks where it may lie. */
  refresh_token_at: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  wait_ms: ReseedMessage.entries.wait_ms,
});
const RotateSealMessage = v.strictObject({ action: v.literal('rotate-seal') });
const TestAlertMessage = v.strictObject({
  action: v.literal('test-alert'),
  code: v.pipe(v.string(), v.digits()),
});

const ExamineMessage = v.strictObject({ action: v.literal('examine') });

const NetworksMessage = v.strictObject({
  action: v.literal('networks'),
  settings: LoginSettings,
  login: ExactStoredClient,
});

/** Asks the provider for the codes of a device (RFC 8628 §3.1). */
const DeviceStartMessage = v.strictObject({
  action: v.literal('device-start'),
  settings: LoginSettings,
  device_url: v.string(),
  /** Whose client it is, beside what `login` has of it. */
  ...{ credential: v.optional(Id), app: v.optional(Id) },
  login: ExactStoredClient,
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
  ClientIdMessage,
  RecoverMessage,
  UnreadableAnswersMessage,
  AdoptAnswerMessage,
  RotateSealMessage,
  TestAlertMessage,
  ExamineMessage,
  NetworksMessage,
  DeviceStartMessage,
]);

export type ActionMessage = v.InferOutput<typeof ActionMessage>;
/** A message as its sender writes it. */
export type SentMessage = v.InferInput<typeof ActionMessage>;
