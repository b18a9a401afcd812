import { problemOf, redirected, tokenOf } from './read-api-answer.ts';
import { clockErrorMs } from './refused-signature.ts';
import { credentialUrl } from './secure-url.ts';
import { clockCorrectionMs } from './signed-fetch.ts';
import type { Door, Token, TokenNeed } from './token.ts';
import { failureCode, TokenError } from './token-error.ts';
import { defaultFetch, type Fetch, type FetchInit } from './transport.ts';

interface ReadApiOptions {
  readonly credential: string;
  /** Base URL of the read API. */
  readonly url: string;
  /** Sends the requests; on AWS one that signs them (`signedFetch`). By default the global `fetch`. */
  readonly fetch?: Fetch;
  readonly nowMs?: () => number;
}

type Question = Pick<FetchInit, 'method' | 'headers' | 'body'>;

/** Longer than the read function takes. */
const LONGEST_MS = 20_000;

/** A connection of a pool that was dead already, or died before it gave a whole answer. */
const CONNECTION_LOST = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'UND_ERR_SOCKET',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/**
 * Asks the HTTP read API. Times are counted from when a request was sent, so that the clocks need not agree. Both
 * requests are idempotent: one that dies before its answer is sent once more. Throws `TokenError` for a URL that cannot
 * be used.
 */
export function readApiDoor(options: ReadApiOptions): Door {
  const { credential, fetch = defaultFetch, nowMs = Date.now } = options;
  const base = credentialUrl(options.url, credential);

  const send = async (url: string, question: Question, need: TokenNeed, isSecondTry: boolean) => {
    const timeOut = AbortSignal.timeout(LONGEST_MS);
    const signal = need.signal ? AbortSignal.any([timeOut, need.signal]) : timeOut;
    const init = { ...question, signal, redirect: 'manual' as const };
    const askedAtMs = nowMs();
    const response = await fetch(url, isSecondTry ? { ...init, isSecondTry } : init);
    return { response, text: await response.text(), askedAtMs };
  };
  const request = async (url: string, need: TokenNeed, question: Question): Promise<Token> => {
    try {
      const answer = await send(url, question, need, false).catch((error: unknown) => {
        if (need.signal?.aborted || !CONNECTION_LOST.has(failureCode(error) ?? '')) throw error;
        return send(url, question, need, true);
      });
      const { response, text, askedAtMs } = answer;
      if (response.redirected) throw redirected();
      if (response.status === 200) return tokenOf(response, text, askedAtMs);
      if (response.status === 304 && need.held) return tokenOf(response, need.held, askedAtMs);
      const correctedMs = nowMs() + clockCorrectionMs(fetch);
      throw problemOf(response, text, { nowMs: nowMs(), offMs: clockErrorMs(response, correctedMs) });
    } catch (error) {
      need.signal?.throwIfAborted();
      if (error instanceof TokenError) throw error;
      throw TokenError.unavailable('The read API', error);
    }
  };

  return {
    ask(need) {
      const query = need.minTtlSeconds ? `?min_ttl=${Math.ceil(need.minTtlSeconds)}` : '';
      const headers = need.held ? { 'if-none-match': `"${need.held.generation}"` } : undefined;
      return request(base + query, need, {
        method: 'GET',
        headers: { accept: 'application/json', ...headers },
      });
    },
    refused({ generation }, need) {
      const headers = { accept: 'application/json', 'content-type': 'application/json' };
      const body = JSON.stringify({ generation });
      return request(`${base}/refused`, need, { method: 'POST', headers, body });
    },
  };
}
