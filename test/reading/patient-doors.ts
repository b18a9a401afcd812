import { createTokenSource, TokenError, type TokenSource } from '../../client/index.ts';
import type { Door, ReadToken } from '../support/workload.ts';

/** A door whose server may be restarting: then it has no token, which is no failure. */
export function patient(door: Door): Door {
  return {
    name: door.name,
    async read(credential) {
      try {
        return await door.read(credential);
      } catch (error) {
        if (isAway(error)) return undefined;
        throw error;
      }
    },
  };
}

function isAway(error: unknown): boolean {
  const { name, code, message, cause } = error as Error & { code?: string; cause?: { code?: string } };
  const said = [name, code, message, cause?.code].join(' ');
  // The endpoint answers a moment before its functions are there.
  return /ResourceNotFoundException|Runtime\.ExitError|ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|TimeoutError|socket hang up/.test(
    said,
  );
}

/** The client library, one source for all readers of a credential, as in one process of a workload. */
export function clientDoor(apiUrl: string): Door {
  const sources = new Map<string, { readonly source: TokenSource; askedAtMs: number }>();
  const open = (credential: string) => {
    const opened = { source: undefined as unknown as TokenSource, askedAtMs: 0 };
    // What was held before goes on being served while nobody answers: it was read when somebody did.
    const noting = async (url: string, init: RequestInit) => {
      const askedAtMs = Date.now();
      const response = await fetch(url, init);
      if (response.ok || response.status === 304) opened.askedAtMs = askedAtMs;
      return response;
    };
    opened.source = createTokenSource({ via: 'read-api', url: apiUrl, credential, fetch: noting });
    sources.set(credential, opened);
    return opened;
  };
  return {
    name: 'client',
    async read(credential): Promise<ReadToken | undefined> {
      const opened = sources.get(credential) ?? open(credential);
      try {
        const token = await opened.source.getToken();
        const { accessToken, generation, expiresAtMs, holdUntilMs } = token;
        return {
          accessToken,
          generation,
          expiresAtMs,
          refreshAfterMs: holdUntilMs,
          readFromMs: opened.askedAtMs,
        };
      } catch (error) {
        if (error instanceof TokenError && error.isTemporary) return undefined;
        throw error;
      }
    },
  };
}
