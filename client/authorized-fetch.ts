import type { Token } from './token.ts';
import { TokenError } from './token-error.ts';

interface TokenHolder {
  getToken(options: { readonly signal?: AbortSignal | undefined }): Promise<Token>;
  /** A later token than the refused one; undefined if there is none. */
  replaced(refused: Token, signal?: AbortSignal): Promise<Token | undefined>;
}

/**
 * `fetch` with the token, once more when the provider answers 401 and a later token is to be had. A body that is a
 * stream can be sent once only: then the 401 is returned, and the next call has the later token.
 */
export async function authorizedFetch(
  holder: TokenHolder,
  send: typeof fetch,
  input: Parameters<typeof fetch>[0],
  init: RequestInit = {},
): Promise<Response> {
  const request = new Request(input, init);
  assertSecure(request.url);
  const { signal } = request;
  const isReplayable = !(init.body instanceof ReadableStream) && !(input instanceof Request && input.body);
  const again = isReplayable ? request.clone() : undefined;

  const token = await holder.getToken({ signal });
  const response = await send(withToken(request, token));
  if (response.status !== 401) return response;
  const later = await holder.replaced(token, signal);
  if (!later || !again) return response;
  await response.body?.cancel();
  return send(withToken(again, later));
}

function withToken(request: Request, { tokenType, accessToken }: Token): Request {
  // Some servers name it "bearer" and take no other spelling than "Bearer" (RFC 6750 §2.1).
  const scheme = /^bearer$/i.test(tokenType) ? 'Bearer' : tokenType;
  request.headers.set('authorization', `${scheme} ${accessToken}`);
  return request;
}

/** RFC 6750 §5.3: bearer tokens travel by TLS; on one's own machine they need not. */
function assertSecure(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) return;
  throw new TokenError('insecure-url', 'A token is sent by https only.');
}
