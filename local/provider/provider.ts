import type { IncomingMessage, RequestListener } from 'node:http';
import * as v from 'valibot';
import type { Clock } from '../../shared/clock/clock.ts';
import type { EnvironmentName } from '../../shared/config/names.ts';
import { type Random, systemRandom } from '../../shared/random/random.ts';
import { bs2Rules } from './bs2-rules.ts';
import { faultOrderSchema } from './faults.ts';
import { type Answer, BodyTooLongError, errorAnswer, jsonAnswer, readBody, send } from './http-answer.ts';
import { BodyError, missingOrNoObject, parseJsonBody } from './json-body.ts';
import { Sandbox } from './sandbox.ts';
import type { SandboxJournal } from './sandbox-record.ts';
import type { SandboxStats } from './sandbox-state.ts';
import { answerTokenRequest, type TokenEvent } from './token-route.ts';

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

type Handler = (request: IncomingMessage) => Answer | Promise<Answer>;

/**
 * A provider with the rules of the BS2 document behind contract.md's routes of port 4702.
 * Throws a RangeError for a `scale` that is not above 0.
 */
export function createProvider(options: ProviderOptions): ProviderSandbox {
  const { clock, env, scale, journal, random = systemRandom, onEvent: report = () => undefined } = options;
  const rules = bs2Rules(env, scale);
  const sandbox = new Sandbox({ clock, rules, random, journal });
  const tokenRoute = { sandbox, clock, expiresInSeconds: rules.expiresInSeconds, report };

  const handlers: Record<string, Handler> = {
    'GET /healthz': () => jsonAnswer(200, { status: 'ok', env, scale }),
    'GET /resource': (request) => answerResource(request, sandbox),
    'GET /_sandbox/stats': () => jsonAnswer(200, sandbox.stats()),
    'POST /_sandbox/faults': async (request) => {
      sandbox.orderFaults(parseJsonBody(await readBody(request), faultOrderSchema));
      return jsonAnswer(200, {});
    },
    'POST /_sandbox/refresh-tokens': async (request) => {
      const client = parseJsonBody(await readBody(request), clientSchema);
      const refreshToken = sandbox.grant({
        clientId: client.client_id,
        clientSecret: client.client_secret,
        scope: client.scope,
      });
      report({ type: 'granted' });
      return jsonAnswer(200, { refresh_token: refreshToken });
    },
  };

  return {
    stats: () => sandbox.stats(),
    async listener(request, response) {
      try {
        const path = (request.url ?? '').split('?', 1)[0] ?? '';
        if (path === TOKEN_PATH) return await answerTokenRequest(request, response, tokenRoute);
        send(response, await (handlers[`${request.method} ${path}`] ?? notFound)(request));
      } catch (error) {
        // A client that left while it was read is no failure of the sandbox's, and nobody is there to be told.
        if (request.errored) return;
        send(response, failure(error, report));
      }
    },
  };
}

const TOKEN_PATH = '/auth/oauth/v2/token';

const NOT_EMPTY = 'expected a text that is not empty';
const text = v.pipe(v.string(NOT_EMPTY), v.nonEmpty(NOT_EMPTY));
const clientSchema = v.object({ client_id: text, client_secret: text, scope: text }, missingOrNoObject);

const notFound: Handler = () =>
  errorAnswer(404, 'not_found', 'no such route; see the local stack in the README');

function answerResource(request: IncomingMessage, sandbox: Sandbox): Answer {
  const accessToken = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (sandbox.openResource(accessToken)) return jsonAnswer(200, { status: 'ok' });
  return errorAnswer(
    401,
    'invalid_token',
    'Authorization: expected Bearer with an access token that is alive',
    {
      'WWW-Authenticate': 'Bearer error="invalid_token"',
    },
  );
}

function failure(error: unknown, report: (event: ProviderEvent) => void): Answer {
  if (error instanceof BodyError) return errorAnswer(400, error.code, error.message);
  if (error instanceof BodyTooLongError) {
    return errorAnswer(413, 'invalid_request', error.message, { Connection: 'close' });
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal';
  report({ type: 'failed', code });
  return errorAnswer(500, 'server_error', 'the sandbox could not process the request; nothing was changed');
}
