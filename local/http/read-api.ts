import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import * as v from 'valibot';
import type { ConsoleListener } from '../../cli/console/console-answers.ts';
import type { InvocationResult } from '../lambda/function-container.ts';
import { type ApiAnswer, jsonApiAnswer, problem, sendApi } from './api-answer.ts';
import { apiGatewayEvent, type TakenRoute } from './api-gateway-event.ts';
import { hostRefusal } from './host-rule.ts';
import { answerRefusals } from './http-refusals.ts';
import { BodyTooLongError, readBody } from './request-body.ts';

export interface ReadApiParts {
  /** Invokes the read function. */
  invokeRead(event: string): Promise<InvocationResult>;
  /** The answer of `GET /healthz`, beside its status. */
  health(): object;
  /** The answer of `GET /events`, newest first. */
  events(): readonly object[];
  nowMs(): number;
  /** The console, at `/`. */
  readonly console?: ConsoleListener;
  /** Names that a client may call this machine by, beside its own. */
  readonly allowHosts?: readonly string[];
}

const BODY_LIMIT_BYTES = 1024 * 1024;
const ROUTES = [
  { method: 'GET', path: /^\/tokens\/([^/]+)$/, routeKey: 'GET /tokens/{credential}' },
  { method: 'POST', path: /^\/tokens\/([^/]+)\/refused$/, routeKey: 'POST /tokens/{credential}/refused' },
] as const;

/** The HTTP read API as API Gateway serves it, without signatures; and `/healthz`, `/events` and the console. */
export function readApi(parts: ReadApiParts): Server {
  // A request without Host is refused below, as a problem; Node's own refusal is none.
  return answerRefusals(createServer({ requireHostHeader: false }, listener(parts)));
}

function listener(parts: ReadApiParts): RequestListener {
  return async (request, response) => {
    try {
      const isOwnHost = hostRefusal(request, parts.allowHosts) === undefined;
      if (isOwnHost && (await parts.console?.(request, response))) return;
      sendApi(response, await answer(parts, request));
    } catch (error) {
      if (request.errored) return;
      sendApi(response, failure(error));
    }
  };
}

async function answer(parts: ReadApiParts, request: IncomingMessage): Promise<ApiAnswer> {
  const refusal = hostRefusal(request, parts.allowHosts);
  if (refusal) return problem(refusal.status, refusal.code, refusal.message);
  const method = request.method ?? '';
  const url = parseTarget(request.url);
  if (!url) return problem(400, 'invalid-request', 'The path could not be read.');
  if (method === 'GET' && url.pathname === '/healthz')
    return jsonApiAnswer({ status: 'ok', ...parts.health() });
  if (method === 'GET' && url.pathname === '/events') return jsonApiAnswer({ events: parts.events() });
  if (!isWrittenExactly(request.url ?? '', url)) {
    return problem(400, 'invalid-request', 'path: expected exactly a route, nothing of it encoded.');
  }
  const route = routeOf(method, url.pathname);
  if (!route) {
    const detail =
      'Expected GET /tokens/{credential}, POST /tokens/{credential}/refused, GET /healthz, GET /events or GET /.';
    return problem(404, 'unknown-route', detail);
  }
  const body = await readBody(request, BODY_LIMIT_BYTES);
  const event = apiGatewayEvent({ method, url, headers: request.headers, body }, route, parts.nowMs());
  return functionAnswer(await parts.invokeRead(JSON.stringify(event)));
}

/** Undefined for what no client that keeps to RFC 9112 §3.2.1 sends; a fragment stays with the client. */
function parseTarget(target = ''): URL | undefined {
  return target.startsWith('/') && !target.includes('#')
    ? (URL.parse(`http://127.0.0.1${target}`) ?? undefined)
    : undefined;
}

/**
 * What can be written in two ways (an encoded letter, a dot segment, a backslash) is not taken at all: a policy on a
 * path must mean what it says.
 */
function isWrittenExactly(target: string, { pathname }: URL): boolean {
  const [written] = target.split('?', 1);
  return written === pathname && !/%|\/\//.test(pathname);
}

function routeOf(method: string, path: string): TakenRoute | undefined {
  for (const route of ROUTES) {
    const credential = route.method === method ? route.path.exec(path)?.[1] : undefined;
    if (credential !== undefined) return { routeKey: route.routeKey, pathParameters: { credential } };
  }
  return undefined;
}

const FunctionResponse = v.object({
  statusCode: v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599)),
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});

/** What the function returned, as HTTP; anything that is no HTTP answer is a failure of the function. */
function functionAnswer({ payload, failed }: InvocationResult): ApiAnswer {
  const parsed = v.safeParse(FunctionResponse, failed ? undefined : JSON.parse(payload));
  if (!parsed.success) return problem(500, 'internal', 'The read function failed; its log says why.');
  const { statusCode, headers, body, isBase64Encoded } = parsed.output;
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body: isBase64Encoded ? Buffer.from(body, 'base64') : body,
  };
}

function failure(error: unknown): ApiAnswer {
  if (error instanceof BodyTooLongError) {
    const refusal = problem(413, 'body-too-long', `The ${error.message}.`);
    return { ...refusal, headers: { ...refusal.headers, connection: 'close' } };
  }
  return problem(500, 'internal', 'The request could not be processed.');
}
