import { env } from 'node:process';
import { fetchByOwnConnection } from './own-connection.ts';
import { proxyOf } from './proxy.ts';

/** The part of `fetch` that is used here. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

export interface FetchInit {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
  /** A token is not asked for elsewhere: a redirect is an answer like any other, and nobody follows it. */
  readonly redirect?: 'manual';
  /** Sent once more, because the connection of the first time was dead: on a new one, where that can be chosen. */
  readonly isSecondTry?: boolean;
}

/**
 * The global `fetch`; by a connection of its own where there is a proxy, which `fetch` does not know in every version
 * of Node, and for a second try, because the other connections of its pool may be dead too.
 */
export const defaultFetch: Fetch = (url, { isSecondTry, ...init }) => {
  const proxy = proxyOf(new URL(url), env);
  return isSecondTry || proxy ? fetchByOwnConnection(url, init, proxy) : globalThis.fetch(url, init);
};
