import type { Container } from '../containers/container.ts';

/** One post on its way, as the network sees it. */
export interface Exchange {
  readonly container: Container;
  readonly postedAtMs: number;
  /** False once the client has stopped waiting for the answer. */
  listening: boolean;
}

/** One login of a person at the provider, and all that grew from it. */
export interface Grant {
  readonly credential: string;
  readonly loginAtMs: number;
  live: IssuedPair;
  revoked: boolean;
  /** When the provider last answered `invalid_grant` to it and meant it, since its last rotation. */
  refusedAtMs?: number;
  /** It was refused by mistake, alone, since its last rotation. */
  wasStray?: boolean;
}

/** A token pair that the provider issued, and what the simulator has seen become of it. */
export interface IssuedPair {
  /** Its number among all; later ones have higher numbers. The tokens are named after it. */
  readonly index: number;
  readonly grant: Grant;
  /** The pair whose refresh token it was issued for; none for a login. */
  readonly parent?: IssuedPair;
  readonly issuedAtMs: number;
  readonly accessExpiresAtMs: number;
  readonly refreshExpiresAtMs: number;
  /** When the next pair (or a revocation) killed its access token. */
  accessDeadAtMs: number;
  /** When a pair was first issued for its refresh token. */
  replacedAtMs?: number;
  /** One of its tokens has been used. */
  used: boolean;
  /** The post that it answers; none for a login. */
  readonly exchange?: Exchange;
  /** The answer that left the provider had its refresh token whole. */
  sentWhole: boolean;
  /** When that answer reached the container's machine, and whether anybody there was alive and listening. */
  arrived?: { readonly atMs: number; readonly alive: boolean; readonly listening: boolean };
  /** When a store first had its refresh token. */
  storedAtMs?: number;
}

/** An answer that reaches a client which has stopped listening counts against us up to this long after the post. */
const LISTEN_MS = 30_000;

/**
 * True if no design could have saved the chain whose last pair this is: its answer never reached us, or the
 * process died before any store had it. Judged by what the simulator saw, when the chain is given up.
 * `parentWasTaken`: the provider would still have taken the refresh token before, so that the loss of this one is no
 * excuse, but for an answer that was cut off: a part of it is there, and nobody posts the old token again.
 */
export function isLostUnavoidably(last: IssuedPair, parentWasTaken = false): boolean {
  const { exchange, arrived } = last;
  if (!exchange) return false;
  if (parentWasTaken && (last.sentWhole || !arrived)) return false;
  if (!last.sentWhole) return true;
  if (last.storedAtMs !== undefined) return false;
  if (!arrived) return true;
  const { diedAtMs = Number.POSITIVE_INFINITY, wasTooSlow } = exchange.container;
  if (!arrived.alive && !wasTooSlow) return true;
  if (!arrived.alive || !arrived.listening) return arrived.atMs - exchange.postedAtMs > LISTEN_MS;
  return diedAtMs - exchange.postedAtMs <= HELD_MS && !wasTooSlow;
}

/** A process that dies later than this after the post has had its time: it no longer tried to store the pair. */
const HELD_MS = 10 * 60_000;

const TOKENS = /fake-(access|refresh)-(\d+)(?!\d)/g;

export function accessTokenOf(index: number): string {
  return `fake-access-${index}`;
}

export function refreshTokenOf(index: number): string {
  return `fake-refresh-${index}`;
}

/** The numbers of the pairs whose tokens are in a text, by kind of token. */
export function tokensIn(text: string): { readonly access: number[]; readonly refresh: number[] } {
  const found = { access: [] as number[], refresh: [] as number[] };
  for (const [, kind, digits] of text.matchAll(TOKENS)) {
    found[kind === 'access' ? 'access' : 'refresh'].push(Number(digits));
  }
  return found;
}

/** The number of the pair that a token belongs to; -1 for what the provider never issued. */
export function indexOf(token: string): number {
  return Number(/^fake-(?:access|refresh)-(\d+)$/.exec(token)?.[1] ?? -1);
}
