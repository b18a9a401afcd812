import type { FetchInit } from '../../../client/transport.ts';

/** A read API whose answers a test decides, and whose clock it moves. */
export class FakeReadApi {
  nowMs = Date.UTC(2026, 0, 1);
  readonly asked: { readonly url: string; readonly init: FetchInit }[] = [];
  /** What it answers next; it may be changed while a request waits. */
  answer: () => Response | Promise<Response> = () => this.token(1);

  readonly clock = () => this.nowMs;
  readonly fetch = async (url: string, init: FetchInit): Promise<Response> => {
    this.asked.push({ url, init });
    return this.answer();
  };

  token(
    generation: number,
    {
      expiresIn = 300,
      maxAge = 150,
      ...more
    }: { expiresIn?: number; maxAge?: number; [member: string]: unknown } = {},
  ): Response {
    const body = {
      access_token: `fake-access-${generation}`,
      token_type: 'bearer',
      scope: 'fake-scope',
      expires_in: expiresIn,
      generation,
      ...more,
    };
    return Response.json(body, { headers: { 'cache-control': `private, max-age=${maxAge}` } });
  }

  problem(status: number, code: string, retryAfter?: number): Response {
    const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
    return Response.json({ code, detail: `${code}, and what to do` }, { status, headers });
  }
}
