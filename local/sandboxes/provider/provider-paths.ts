import type { IncomingMessage } from 'node:http';

/** Where a sandbox serves what. */
export interface ProviderPaths {
  /** Before the routes of the sandbox itself: `/_sandbox/stats`, `/resource`. */
  readonly prefix: string;
  readonly token: readonly string[];
  /** The login page, by each of its names. Absent: nobody logs in with a browser. */
  readonly authorize?: readonly string[];
  /** Where a device asks, and where the person types its code. Absent: no device logs in. */
  readonly device?: { readonly path: string; readonly page: string };
}

/** Where devices log in, in every sandbox that persons log in to. */
export const DEVICE_PATHS = { path: '/device_authorization', page: '/device' } as const;

/** Where the client found this server. The host rule of the stack has looked at the header. */
export function originOf(request: IncomingMessage): string {
  return `http://${request.headers.host ?? '127.0.0.1'}`;
}
