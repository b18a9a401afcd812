import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';

/** What a provider has made when it answers badly, and what it was asked with. */
export interface Exchanged {
  readonly access: string;
  readonly refresh: string;
  /** The refresh token that was posted. */
  readonly posted: string;
  readonly lifeSeconds: number;
}

/** One thing that the server does with its connection. */
export type Reaction =
  | { readonly send: string | Uint8Array }
  | { readonly pauseMs: number }
  /** Closes the connection in good order, or not; or leaves it open. */
  | 'end'
  | 'reset'
  | 'hold';

export const KINDS = ['framing', 'head', 'encoding', 'status', 'body', 'timing'] as const;

/** One kind of bad manners of a token endpoint, and what the outcome must be. */
export interface BadManner {
  readonly name: string;
  readonly kind: (typeof KINDS)[number];
  readonly outcome: Exclude<Outcome['kind'], 'not-sent'>;
  /**
   * The provider has replaced the pair before it answers so: the posted refresh token is dead. Where the outcome is
   * neither a success nor garbled, the new pair is lost, and no client could have saved it.
   */
  readonly rotates: boolean;
  readonly reactions: (exchanged: Exchanged) => readonly Reaction[];
}

export type Row = readonly [
  name: string,
  outcome: BadManner['outcome'],
  reactions: BadManner['reactions'],
  rotates?: boolean,
];

/** Rows of one kind. What brings a pair, or a part of one, has replaced the one before. */
export function manners(kind: BadManner['kind'], rows: readonly Row[]): BadManner[] {
  return rows.map(([name, outcome, reactions, rotates = outcome === 'success' || outcome === 'garbled']) => ({
    name,
    kind,
    outcome,
    rotates,
    reactions,
  }));
}

/** The answer of RFC 6749 §5.1. */
export function pair({ access, refresh, lifeSeconds }: Exchanged, more: object = {}): string {
  return JSON.stringify({
    access_token: access,
    token_type: 'Bearer',
    expires_in: lifeSeconds,
    refresh_token: refresh,
    ...more,
  });
}

/** The same as a form. */
export function form({ access, refresh, lifeSeconds }: Exchanged): string {
  const members = {
    access_token: access,
    token_type: 'Bearer',
    expires_in: `${lifeSeconds}`,
    refresh_token: refresh,
  };
  return String(new URLSearchParams(members));
}

/** A head, a blank line and a body, with a length. */
export function answer(body: string | Uint8Array, status = 200, headers: readonly string[] = []): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([head(status, [...headers, `content-length: ${bytes.length}`]), bytes]);
}

export function head(status: number, headers: readonly string[]): Buffer {
  return Buffer.from(`HTTP/1.1 ${status} Status\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`);
}

/** A whole answer, and the end of the connection. */
export function whole(
  body: string | Uint8Array,
  status?: number,
  headers?: readonly string[],
): readonly Reaction[] {
  return [{ send: answer(body, status, headers) }, 'end'];
}

/** A body as one chunk, with the last one behind it. */
export function chunked(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}
