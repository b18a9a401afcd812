import { type Door, newToken, type RefreshTrigger, type Token } from './token.ts';
import { TokenError } from './token-error.ts';

interface ReadApiOptions {
  readonly credential: string;
  /** Base URL of the read API. */
  readonly url: string;
  /** Sends the requests; on AWS one that signs them ({@link signedFetch}). By default the global `fetch`. */
  readonly fetch?: Fetch;
  readonly nowMs?: () => number;
}

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;
export interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** Longer than the read function takes. */
const LONGEST_MS = 20_000;

/** Asks the HTTP read API. Times are counted from when a request was sent, so that the clocks need not agree. */
export function readApiDoor(options: ReadApiOptions): Door {
  const { credential, fetch = globalThis.fetch, nowMs = Date.now } = options;
  const base = `${options.url.replace(/\/$/, '')}/tokens/${encodeURIComponent(credential)}`;

  const request = async (
    url: string,
    wish: RefreshTrigger,
    init: Pick<FetchInit, 'method' | 'headers' | 'body'>,
  ) => {
    const signals = [AbortSignal.timeout(LONGEST_MS), ...(wish.signal ? [wish.signal] : [])];
    const askedAtMs = nowMs();
    let response: Response;
    let body: string;
    try {
      response = await fetch(url, { ...init, signal: AbortSignal.any(signals) });
      body = await response.text();
    } catch (error) {
      wish.signal?.throwIfAborted();
      throw TokenError.unavailable('The read API', error);
    }
    if (response.status === 304 && wish.held) return confirmed(wish.held, response, askedAtMs);
    if (response.status !== 200) throw problem(response, body);
    return token(response, body, askedAtMs);
  };

  return {
    ask(wish) {
      const query = wish.minTtlSeconds ? `?min_ttl=${Math.ceil(wish.minTtlSeconds)}` : '';
      const headers = wish.held ? { 'if-none-match': `"${wish.held.generation}"` } : undefined;
      return request(base + query, wish, {
        method: 'GET',
        headers: { accept: 'application/json', ...headers },
      });
    },
    refused(generation, wish) {
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const body = JSON.stringify({ generation });
      return request(`${base}/refused`, wish, { method: 'POST', headers, body });
    },
  };
}

function token(response: Response, text: string, askedAtMs: number): Token {
  const given = parsed(text);
  const { access_token, token_type, scope, generation, expires_in } = given ?? {};
  if (typeof access_token !== 'string' || typeof generation !== 'number' || typeof expires_in !== 'number') {
    throw TokenError.unavailable('The read API');
  }
  return newToken(access_token, {
    tokenType: String(token_type ?? 'Bearer'),
    scope: String(scope ?? ''),
    generation,
    expiresAtMs: askedAtMs + expires_in * 1000,
    holdUntilMs: heldUntilMs(response, askedAtMs),
  });
}

function confirmed(held: Token, response: Response, askedAtMs: number): Token {
  return newToken(held.accessToken, { ...held, holdUntilMs: heldUntilMs(response, askedAtMs) });
}

function heldUntilMs({ headers }: Response, askedAtMs: number): number {
  const maxAge = /max-age=(\d{1,9})/.exec(headers.get('cache-control') ?? '')?.[1] ?? '0';
  return askedAtMs + Number(maxAge) * 1000;
}

/** The error of a problem document (RFC 9457), or of an answer that is none, such as the gateway's own. */
function problem(response: Response, text: string): TokenError {
  const { code, detail } = parsed(text) ?? {};
  const { status, headers } = response;
  const isTemporary = status >= 500 || status === 429;
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  if (typeof code === 'string') {
    return new TokenError(code, String(detail ?? code), { isTemporary, retryAfterSeconds });
  }
  if (status === 401 || status === 403) {
    return new TokenError(
      'forbidden',
      `The read API refuses the caller (HTTP ${status}): check its IAM policy.`,
    );
  }
  return new TokenError('unavailable', `The read API answers HTTP ${status}.`, {
    isTemporary,
    retryAfterSeconds,
  });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
