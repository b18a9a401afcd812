import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type Token, TokenError } from '../../client/index.ts';
import type { Clock } from '../../shared/clock/clock.ts';
import { errorAnswer, type HttpAnswer, problem, send, tokenAnswer } from './http-answer.ts';

/** The tokens that an agent serves. Both reject with `TokenError`. */
export interface ServedTokens {
  /** Ids of the credentials. */
  readonly credentials: readonly string[];
  current(credential: string, minTtlSeconds: number): Promise<Token>;
  /** The current token, after the provider answered 401 to this generation; replaced first if need be. */
  refused(credential: string, generation: number): Promise<Token>;
}

/**
 * Required of every request for a token: a page in a browser cannot send it to another origin, and neither can a
 * program that can be talked into opening a URL.
 */
const HEADER = 'x-renova-agent';
const LOOPBACK_HOST = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])(?::\d+)?$/i;
const ROUTE = /^\/tokens\/([a-z0-9][a-z0-9._-]{0,63})(\/refused)?$/;
const LONGEST_BODY_BYTES = 1024;

/** The routes of the read API, for this machine alone, and `GET /healthz`. */
export function agentServer(tokens: ServedTokens, clock: Clock): Server {
  return createServer(async (request, response) => {
    const answer = await answerTo(request, tokens, clock).catch((error: unknown) =>
      error instanceof TokenError
        ? errorAnswer(error)
        : problem(500, 'internal', 'The request could not be processed.'),
    );
    send(response, answer);
  });
}

async function answerTo(request: IncomingMessage, tokens: ServedTokens, clock: Clock): Promise<HttpAnswer> {
  const { method = '', headers } = request;
  // A page may give its own name the address 127.0.0.1 (DNS rebinding): its requests still carry that name.
  if (!LOOPBACK_HOST.test(headers.host ?? '')) {
    return problem(403, 'forbidden-host', 'Host: expected 127.0.0.1 or localhost.');
  }
  const [path = '', query = ''] = (request.url ?? '').split('?');
  if (path === '/healthz' && method === 'GET') {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: { status: 'ok' } };
  }
  if (headers[HEADER] !== '1') return problem(403, 'agent-header-missing', 'X-Renova-Agent: expected 1.');

  const [, credential = '', isReport] = ROUTE.exec(path) ?? [];
  if (!credential || method !== (isReport ? 'POST' : 'GET')) {
    const routes = 'GET /tokens/{credential}, POST /tokens/{credential}/refused or GET /healthz';
    return problem(404, 'unknown-route', `Expected ${routes}.`);
  }
  if (!tokens.credentials.includes(credential)) {
    const served = `This agent serves ${tokens.credentials.join(', ')}: add --credential ${credential}.`;
    return problem(404, 'unknown-credential', served);
  }
  if (isReport) {
    const generation = generationOf(await bodyOf(request));
    if (generation === undefined) {
      return problem(400, 'invalid-request', 'body: expected {"generation": N}, N being a whole number.');
    }
    return tokenAnswer(await tokens.refused(credential, generation), clock.nowMs());
  }
  const minTtl = new URLSearchParams(query).get('min_ttl') ?? '0';
  if (!/^\d{1,9}$/.test(minTtl)) {
    return problem(400, 'invalid-request', 'min_ttl: expected whole seconds.');
  }
  const token = await tokens.current(credential, Number(minTtl));
  return tokenAnswer(token, clock.nowMs(), headers['if-none-match']);
}

/** The body; undefined if it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= LONGEST_BODY_BYTES) chunks.push(chunk);
  }
  return length > LONGEST_BODY_BYTES ? undefined : Buffer.concat(chunks).toString();
}

function generationOf(body: string | undefined): number | undefined {
  try {
    const { generation } = JSON.parse(body ?? '') as { readonly generation?: unknown };
    return Number.isSafeInteger(generation) ? (generation as number) : undefined;
  } catch {
    return undefined;
  }
}
