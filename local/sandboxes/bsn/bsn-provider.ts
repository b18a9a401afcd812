import type { RequestListener } from 'node:http';
import * as v from 'valibot';
import type { Clock } from '../../../shared/clock/clock.ts';
import { type Random, systemRandom } from '../../../shared/random/random.ts';
import { jsonAnswer, readBody } from '../provider/http-answer.ts';
import { missingOrNoObject, parseJsonBody } from '../provider/json-body.ts';
import type { ProviderEvent } from '../provider/provider.ts';
import { type Handler, sandboxListener, sandboxRoutes } from '../provider/sandbox-routes.ts';
import { answerTokenRequest } from '../provider/token-route.ts';
import { parseBsnForm } from './bsn-form.ts';
import type { BsnJournal } from './bsn-record.ts';
import { BsnSandbox, type BsnStats } from './bsn-sandbox.ts';

/** All of its paths begin so, for it shares a port with the BS2 sandbox. */
export const BSN_PREFIX = '/bsn';

/** "/Token/", "/token/", and "/token" on newer pages. */
const TOKEN_PATHS = new Set(['/token', '/token/', '/Token', '/Token/'].map((path) => BSN_PREFIX + path));

export interface BsnProviderOptions {
  readonly clock: Clock;
  /** Every lifetime is divided by it. */
  readonly scale: number;
  /** Makes the state outlive the process; open it with `fsync`. */
  readonly journal?: BsnJournal;
  readonly random?: Random;
  readonly onEvent?: (event: ProviderEvent) => void;
}

export interface BsnProvider {
  readonly listener: RequestListener;
  stats(): BsnStats;
}

/**
 * A provider with the rules of the BSN document, under {@link BSN_PREFIX}: `POST /bsn/token` in four spellings,
 * `GET /bsn/resource`, and for tests `POST /bsn/_sandbox/users` `{username, password, networks}`,
 * `POST /bsn/_sandbox/revoke` `{username}`, `POST /bsn/_sandbox/faults`, `GET /bsn/_sandbox/stats`.
 */
export function createBsnProvider(options: BsnProviderOptions): BsnProvider {
  const { clock, scale, journal, random = systemRandom, onEvent: report = () => undefined } = options;
  const sandbox = new BsnSandbox({ clock, scale, random, journal });
  const handlers: Record<string, Handler> = {
    ...sandboxRoutes(BSN_PREFIX, sandbox),
    [`POST ${BSN_PREFIX}/_sandbox/users`]: async (request) => {
      sandbox.setUser(parseJsonBody(await readBody(request), userSchema));
      report({ type: 'granted' });
      return jsonAnswer(200, {});
    },
    [`POST ${BSN_PREFIX}/_sandbox/revoke`]: async (request) => {
      sandbox.revoke(parseJsonBody(await readBody(request), usernameSchema).username);
      return jsonAnswer(200, {});
    },
  };
  const tokenRoute = {
    realm: 'bsn-sandbox',
    arrive: () => sandbox.arrive(),
    exchange: (request: Parameters<typeof parseBsnForm>[0]) => sandbox.issue(parseBsnForm(request)),
    clock,
    report,
  };
  return {
    stats: () => sandbox.stats(),
    listener: sandboxListener({
      handlers,
      gate: sandbox,
      isTokenPath: (path) => TOKEN_PATHS.has(path),
      answerToken: (request, response) => answerTokenRequest(request, response, tokenRoute),
      onFailure: (code) => report({ type: 'failed', code }),
    }),
  };
}

const NOT_EMPTY = 'expected a text that is not empty';
const text = v.pipe(v.string(NOT_EMPTY), v.nonEmpty(NOT_EMPTY));
const usernameSchema = v.object({ username: text }, missingOrNoObject);
const userSchema = v.object(
  {
    username: v.pipe(text, v.regex(/^[^/]+$/, 'expected a name without a slash')),
    password: text,
    networks: v.array(text, 'expected a list of names'),
  },
  missingOrNoObject,
);
