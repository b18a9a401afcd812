import type { RequestListener } from 'node:http';
import * as v from 'valibot';
import type { Clock } from '../../../shared/clock/clock.ts';
import type { EnvironmentName } from '../../../shared/config/names.ts';
import { type Random, systemRandom } from '../../../shared/random/random.ts';
import { bs2Rules } from '../bs2/bs2-rules.ts';
import { jsonAnswer, readBody } from './http-answer.ts';
import { missingOrNoObject, parseJsonBody } from './json-body.ts';
import { Sandbox } from './sandbox.ts';
import type { SandboxJournal } from './sandbox-record.ts';
import { type Handler, sandboxListener, sandboxRoutes } from './sandbox-routes.ts';
import type { SandboxStats } from './sandbox-state.ts';
import { parseTokenForm } from './token-form.ts';
import { answerTokenRequest, type TokenEvent, type TokenRouteParts } from './token-route.ts';

/** What a watcher is told; nothing secret. `failed`: the sandbox itself broke (`code` as in Node's errors). */
export type ProviderEvent =
  | TokenEvent
  | { readonly type: 'granted' }
  | { readonly type: 'failed'; readonly code: string };

export interface ProviderOptions {
  readonly clock: Clock;
  readonly env: EnvironmentName;
  /** Every lifetime and the quota window are divided by it. Above 0; 1 is the real provider. */
  readonly scale: number;
  /** Makes the state outlive the process; open it with `fsync`. Everything in it is replayed at once. */
  readonly journal?: SandboxJournal;
  /** Where tokens come from (GUIDs); the machine's own by default. */
  readonly random?: Pick<Random, 'id'>;
  readonly onEvent?: (event: ProviderEvent) => void;
}

export interface ProviderSandbox {
  /** For `http.createServer`; never rejects, never throws. */
  readonly listener: RequestListener;
  stats(): SandboxStats;
}

/** Path of the sandbox's token endpoint. */
export const TOKEN_PATH = '/auth/oauth/v2/token';

/**
 * A provider with the rules of the BS2 document behind the routes of docs/reference.md (port 4702). Beside what the
 * Collection page describes, it answers the grants of BS2's other APIs to clients that were enrolled for them
 * (`POST /_sandbox/logins`). Throws a RangeError for a `scale` that is not above 0.
 */
export function createProvider(options: ProviderOptions): ProviderSandbox {
  const { clock, env, scale, journal, random = systemRandom, onEvent: report = () => undefined } = options;
  const rules = bs2Rules(env, scale);
  const sandbox = new Sandbox({ clock, rules, random, journal });

  const handlers: Record<string, Handler> = {
    ...sandboxRoutes('', sandbox),
    'GET /healthz': () => jsonAnswer(200, { status: 'ok', env, scale }),
    'POST /_sandbox/refresh-tokens': async (request) => {
      const client = clientOf(parseJsonBody(await readBody(request), clientSchema));
      const refreshToken = sandbox.grant(client);
      report({ type: 'granted' });
      return jsonAnswer(200, { refresh_token: refreshToken });
    },
    'POST /_sandbox/logins': async (request) => {
      const login = parseJsonBody(await readBody(request), loginSchema);
      const { username, password } = login;
      const user = username && password ? { username, password } : undefined;
      sandbox.enrol({ ...clientOf(login), user });
      report({ type: 'granted' });
      return jsonAnswer(200, {});
    },
  };
  const tokenRoute: TokenRouteParts = {
    realm: 'bs2-sandbox',
    arrive: () => sandbox.arrive(),
    exchange: (request) => {
      const { accessToken, refreshToken, scope } = sandbox.issue(parseTokenForm(request));
      return {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: rules.expiresInSeconds,
        refresh_token: refreshToken,
        scope,
      };
    },
    clock,
    report,
  };
  return {
    stats: () => sandbox.stats(),
    listener: sandboxListener({
      handlers,
      isTokenPath: (path) => path === TOKEN_PATH,
      answerToken: (request, response) => answerTokenRequest(request, response, tokenRoute),
      onFailure: (code) => report({ type: 'failed', code }),
    }),
  };
}

const NOT_EMPTY = 'expected a text that is not empty';
const text = v.pipe(v.string(NOT_EMPTY), v.nonEmpty(NOT_EMPTY));
const clientSchema = v.object({ client_id: text, client_secret: text, scope: text }, missingOrNoObject);
const loginSchema = v.object(
  { ...clientSchema.entries, username: v.optional(text), password: v.optional(text) },
  missingOrNoObject,
);

function clientOf(client: v.InferOutput<typeof clientSchema>) {
  return { clientId: client.client_id, clientSecret: client.client_secret, scope: client.scope };
}
