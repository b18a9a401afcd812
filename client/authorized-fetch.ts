import { authScheme } from './auth-scheme.ts';
import { assertSecure } from './secure-url.ts';
import type { Token } from './token.ts';

interface TokenHolder {
  getToken(options: { readonly signal?: AbortSignal | undefined }): Promise<Token>;
  /** Another token than the refused one; undefined if there is none. */
  replaced(refused: Token, signal?: AbortSignal): Promise<Token | undefined>;
}

/**
 * `fetch` with the token, once more when the provider answers 401 and another token is to be had. A body that is a
 * stream can be sent once only: then the 401 is returned, and the next call has the other token.
 */
export async function authorizedFetch(
  holder: TokenHolder,
  send: typeof fetch,
  input: Parameters<typeof fetch>[0],
  init: RequestInit = {},
): Promise<Response> {
  const request = new Request(input, init);
  assertSecure(new URL(request.url));
  const { signal } = request;
  const isReplayable = !(init.body instanceof ReadableStream) && !(input instanceof Request && input.body);
  const again = isReplayable ? request.clone() : undefined;

  const token = await holder.getToken({ signal });
  const response = await send(withToken(request, token));
  if (response.status !== 401) return response;
  const other = await holder.replaced(token, signal);
  if (!other || !again) return response;
  await response.body?.cancel();
  return send(withToken(again, other));
}

function withToken(request: Request, { tokenType, accessToken, userAgent }: Token): Request {
  const { headers } = request;
  headers.set('authorization', `${authScheme(tokenType)} ${accessToken}`);
  if (userAgent !== undefined && !headers.has('user-agent')) headers.set('user-agent', userAgent);
  return request;
}
