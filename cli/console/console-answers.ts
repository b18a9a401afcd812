import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { CREDENTIAL_ID } from '../../shared/config/names.ts';
import { VERSION } from '../../shared/config/version.ts';
import type { Invoke, JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import { summariesOf } from '../format/summary.ts';
import { everyPage } from '../invoke/every-page.ts';
import type { Target } from '../target.ts';
import { consoleState } from './console-state.ts';
import { CONSOLE_ACTIONS, type ConsoleState } from './page-state.ts';

/** What the console works with. */
export interface ConsoleParts {
  readonly target: Target;
  readonly invoke: Invoke;
  nowMs(): number;
  /** What a request for anything but the page itself must carry in {@link TOKEN_HEADER}. */
  readonly token: string;
  /** Write the token into the page: for a door that everybody on this machine may open anyway. */
  readonly isTokenInPage?: boolean;
  /** How long the page waits between two looks. */
  readonly againAfterMs: number;
  /** Those who look within so many milliseconds see the same; absent: about a second. */
  readonly lookMs?: number;
  /** The latest events, newest first, where somebody keeps them. */
  events?(): readonly object[];
}

/** A page of another origin cannot set a header of its own without asking, and is never allowed to. */
export const TOKEN_HEADER = 'x-renova-console';

/** Answers requests of the console; false: the path is none of its own, and nothing was answered. */
export type ConsoleListener = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/**
 * The page and the two things that it asks for, without a server: whoever serves it has checked `Host`.
 *
 *     GET  /                   the page, and its parts below /console/
 *     GET  /console/state      everything that it shows       with the token
 *     POST /console/actions    one of CONSOLE_ACTIONS         with the token
 */
export function consoleListener(parts: ConsoleParts): ConsoleListener {
  const look = atMostOnceA(parts.lookMs ?? LOOK_MS, () => lookAtAll(parts), parts.nowMs);
  return async (request, response) => {
    const { method = '', url = '' } = request;
    const [path = ''] = url.split('?', 1);
    const asset = ASSETS.get(path);
    if (asset) {
      if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'method: expected GET.');
      const body = path === '/' ? pageWith(asset.read(), parts) : asset.read();
      return send(response, 200, asset.type, method === 'HEAD' ? '' : body);
    }
    if (path !== STATE_PATH && path !== ACTIONS_PATH) return false;
    if (!isKnown(request, parts.token)) {
      return refuse(response, 403, 'This page is not the console: open it by the address that was printed.');
    }
    if (path === STATE_PATH) {
      if (method !== 'GET') return refuse(response, 405, 'method: expected GET.');
      return answerWith(response, look);
    }
    if (method !== 'POST') return refuse(response, 405, 'method: expected POST.');
    return answerWith(response, async () => act(parts, await readSmall(request)));
  };
}

const STATE_PATH = '/console/state';
const ACTIONS_PATH = '/console/actions';
/** However many pages are open, the functions are asked no more often than this. */
const LOOK_MS = 900;

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const ASSETS = new Map([
  ['/', asset('index.html', 'text/html; charset=utf-8')],
  ['/console/console.css', asset('console.css', 'text/css; charset=utf-8')],
  ...['console', 'draw', 'spoken', 'ask'].map(
    (name) => [`/console/${name}.js`, asset(`${name}.js`, JAVASCRIPT)] as const,
  ),
]);

function asset(file: string, type: string) {
  const url = new URL(`./page/${file}`, import.meta.url);
  let text: string | undefined;
  return {
    type,
    read: () => {
      text ??= readFileSync(url, 'utf8');
      return text;
    },
  };
}

function pageWith(page: string, { isTokenInPage, token }: ConsoleParts): string {
  return page.replace('data-token=""', () => `data-token="${isTokenInPage ? token : ''}"`);
}

/** True if the request carries the token, and comes from no other page. */
function isKnown({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(String(headers[TOKEN_HEADER] ?? ''));
  const right = Buffer.from(token);
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined || site === 'same-origin' || site === 'none';
  return isOwn && given.length === right.length && timingSafeEqual(given, right);
}

async function lookAtAll(parts: ConsoleParts): Promise<ConsoleState> {
  const { invoke, target, againAfterMs } = parts;
  const [list, capacity] = await Promise.all([
    answered((to, asked) => everyPage(invoke, to, asked), { action: 'list', history: true }),
    answered(invoke, { action: 'capacity' }),
  ]);
  const nowMs = parts.nowMs();
  const looked = {
    credentials: summariesOf(list),
    quotas: Array.isArray(capacity.quotas) ? capacity.quotas : [],
    ...(parts.events && { events: parts.events() as readonly JsonObject[] }),
  };
  return {
    environment: target.env,
    isLocal: target.localEndpoint !== undefined,
    version: VERSION,
    at: new Date(nowMs).toISOString(),
    againAfterMs,
    ...consoleState(looked, target, nowMs),
  };
}

/** Carries out what a button asked for. */
async function act({ invoke }: ConsoleParts, body: unknown): Promise<JsonObject> {
  const { action, credential } = (body ?? {}) as JsonObject;
  const known = CONSOLE_ACTIONS.find((name) => name === action);
  if (!known || typeof credential !== 'string' || !CREDENTIAL_ID.test(credential)) {
    throw new CommandFailure(
      'invalid-request',
      `Expected one of ${CONSOLE_ACTIONS.join(', ')} and a credential.`,
    );
  }
  return answered(invoke, {
    action: known,
    credential,
    ...(known === 'refresh' && { force: true }),
  });
}

async function answered(invoke: Invoke, request: JsonObject): Promise<JsonObject> {
  const answer = await invoke('admin', request);
  const error = answer.error as { readonly code?: unknown; readonly message?: unknown } | undefined;
  if (error === undefined) return answer;
  throw new CommandFailure(String(error.code ?? 'unknown-error'), String(error.message ?? 'It was refused.'));
}

const MOST_BYTES = 4096;

async function readSmall(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MOST_BYTES) return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function answerWith(response: ServerResponse, work: () => Promise<object>): Promise<true> {
  try {
    return sendJson(response, 200, await work());
  } catch (error) {
    // What is no failure of a command is a defect, and its message may hold anything.
    const said = error instanceof CommandFailure ? error : new CommandFailure('internal', 'It did not work.');
    const status = said.code === 'invalid-request' ? 400 : 502;
    const { code, message, remedy } = said;
    return sendJson(response, status, { error: { code, message, remedy } });
  }
}

function refuse(response: ServerResponse, status: number, message: string): true {
  return sendJson(response, status, { error: { code: 'refused', message } });
}

function sendJson(response: ServerResponse, status: number, value: object): true {
  return send(response, status, 'application/json', JSON.stringify(value));
}

function send(response: ServerResponse, status: number, type: string, body: string): true {
  if (response.destroyed) return true;
  response
    .writeHead(status, {
      'content-type': type,
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(body);
  return true;
}

/** Those who ask within `ms` of a look get the same one. */
function atMostOnceA<Value>(
  ms: number,
  look: () => Promise<Value>,
  nowMs: () => number,
): () => Promise<Value> {
  let latest: { readonly atMs: number; readonly value: Promise<Value> } | undefined;
  return () => {
    if (latest && nowMs() - latest.atMs < ms) return latest.value;
    const value = look();
    latest = { atMs: nowMs(), value };
    return value;
  };
}
