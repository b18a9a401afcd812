import type { RequestListener } from 'node:http';
import * as v from 'valibot';
import type { Clock } from '../../../shared/clock/clock.ts';
import { type Random, systemRandom } from '../../../shared/random/random.ts';
import { authorizeHandlers } from './authorize-route.ts';
import { deviceHandlers } from './device-route.ts';
import type { GateRules } from './gate.ts';
import { jsonAnswer, readBody } from './http-answer.ts';
import { missingOrNoObject, parseJsonBody } from './json-body.ts';
import { metadataHandlers } from './metadata-route.ts';
import type { ProviderPaths } from './provider-paths.ts';
import { expiresInSeconds, type ProviderRules } from './rules.ts';
import { type IssuedPair, Sandbox } from './sandbox.ts';
import type { SandboxJournal } from './sandbox-record.ts';
import { type Handler, sandboxListener, sandboxRoutes } from './sandbox-routes.ts';
import type { SandboxStats } from './sandbox-state.ts';
import { parseTokenForm } from './token-form.ts';
import { answerTokenRequest, type TokenBody, type TokenEvent, type TokenRouteParts } from './token-route.ts';

/** What a watcher is told; nothing secret. `failed`: the sandbox itself broke (`code` as in Node's errors). */
export type ProviderEvent =
  | TokenEvent
  | { readonly type: 'granted' }
  | { readonly type: 'failed'; readonly code: string };

export interface ProviderOptions {
  readonly clock: Clock;
  readonly rules: ProviderRules;
  readonly paths: ProviderPaths;
  readonly gate?: GateRules;
  /** The answer of `GET /healthz`, beside its status. */
  readonly health?: object;
  /** Makes the state outlive the process; open it with `fsync`. Everything in it is replayed at once. */
  readonly journal?: SandboxJournal;
  /** Where tokens come from (GUIDs); the machine's own by default. */
  readonly random?: Pick<Random, 'id'>;
  readonly onEvent?: (event: ProviderEvent) => void;
  /** More routes, and others instead of those here. */
  readonly handlers?: (sandbox: Sandbox) => Record<string, Handler>;
}

export interface ProviderSandbox {
  /** For `http.createServer`; never rejects, never throws. */
  readonly listener: RequestListener;
  stats(): SandboxStats;
}

/**
 * A provider by its rules: token endpoint, login page, a protected resource, and under `/_sandbox` what its owner would
 * do by hand (docs/reference.md, Local stack).
 */
export function createProvider(options: ProviderOptions): ProviderSandbox {
  const { clock, rules, paths, gate, journal, random = systemRandom } = options;
  const report = options.onEvent ?? (() => undefined);
  const sandbox = new Sandbox({ clock, rules, gate, random, journal });
  const { prefix } = paths;
  const handlers: Record<string, Handler> = {
    ...sandboxRoutes(prefix, sandbox),
    ...metadataHandlers(paths, rules),
    ...Object.assign(
      {},
      ...(paths.authorize ?? []).map((path) => authorizeHandlers(path, { sandbox, rules })),
    ),
    ...(paths.device && deviceHandlers({ sandbox, rules, ...paths.device })),
    [`GET ${prefix}/healthz`]: () => jsonAnswer(200, { status: 'ok', ...options.health }),
    [`POST ${prefix}/_sandbox/refresh-tokens`]: async (request) => {
      const body = await readBody(request);
      const { client_id: clientId, ...more } = parseJsonBody(body, clientIdSchema);
      const again = Object.keys(more).length === 0 ? sandbox.grantAgain(clientId) : undefined;
      const refreshToken = again ?? sandbox.grant(clientOf(parseJsonBody(body, clientSchema)));
      report({ type: 'granted' });
      return jsonAnswer(200, { refresh_token: refreshToken });
    },
    [`POST ${prefix}/_sandbox/logins`]: async (request) => {
      const login = parseJsonBody(await readBody(request), loginSchema);
      const { username, password } = login;
      const user = username && password ? { username, password } : undefined;
      sandbox.enrol({ ...clientOf(login), user });
      report({ type: 'granted' });
      return jsonAnswer(200, {});
    },
    [`POST ${prefix}/_sandbox/clients`]: async (request) => {
      sandbox.registerClient(clientOf(parseJsonBody(await readBody(request), publicClientSchema)));
      return jsonAnswer(200, {});
    },
    ...options.handlers?.(sandbox),
  };
  const tokenRoute: TokenRouteParts = {
    realm: `${rules.provider}-sandbox`,
    arrive: () => sandbox.arrive(),
    exchange: (request) =>
      tokenBody(sandbox.issue(parseTokenForm(request, rules)), { rules, nowMs: clock.nowMs() }),
    throttledAnswer: rules.quota?.answer,
    clock,
    report,
  };
  const tokenPaths = new Set(paths.token);
  return {
    stats: () => sandbox.stats(),
    listener: sandboxListener({
      handlers,
      gate: sandbox,
      isTokenPath: (path) => tokenPaths.has(path),
      answerToken: (request, response) => answerTokenRequest(request, response, tokenRoute),
      onFailure: (code) => report({ type: 'failed', code }),
    }),
  };
}

function tokenBody(
  { accessToken, refreshToken, refreshTokenEndMs, scope }: IssuedPair,
  { rules, nowMs }: { readonly rules: ProviderRules; readonly nowMs: number },
): TokenBody {
  const { accessToken: access, refreshToken: refresh, members } = rules;
  const endsInMs = (refreshTokenEndMs ?? Infinity) - nowMs;
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    ...(access.expiresIn === 'stated' && { expires_in: expiresInSeconds(access) }),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(refresh.statedAs !== undefined &&
      Number.isFinite(endsInMs) && { [refresh.statedAs]: expiresInSeconds({ lifeMs: endsInMs }) }),
    scope,
    ...members,
  };
}

const NOT_EMPTY = 'expected a text that is not empty';
const text = v.pipe(v.string(NOT_EMPTY), v.nonEmpty(NOT_EMPTY));
const clientSchema = v.object({ client_id: text, client_secret: text, scope: text }, missingOrNoObject);
const clientIdSchema = v.looseObject({ client_id: text }, missingOrNoObject);
const publicClientSchema = v.object(
  { ...clientSchema.entries, client_secret: v.optional(text) },
  missingOrNoObject,
);
const loginSchema = v.object(
  { ...clientSchema.entries, username: v.optional(text), password: v.optional(text) },
  missingOrNoObject,
);

function clientOf(client: v.InferOutput<typeof publicClientSchema>) {
  const { client_id: clientId, client_secret: clientSecret, scope } = client;
  return { clientId, clientSecret, scope };
}
