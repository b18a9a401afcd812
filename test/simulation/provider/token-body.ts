import type { Dice } from '../dice.ts';
import { accessTokenOf, refreshTokenOf } from './issued.ts';

/** A token response as it leaves the provider. */
export interface TokenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the new tokens are said to live; `refresh` absent: nothing is said. */
export interface StatedLives {
  readonly accessSeconds: number;
  readonly refreshSeconds?: number;
  /** They differ from answer to answer: none leaves them out. */
  readonly change: boolean;
}

/** Members that an imperfect answer has instead of the usual ones; undefined: it has none. */
const IMPERFECTIONS: readonly Readonly<Record<string, unknown>>[] = [
  { token_type: undefined },
  { token_type: 'Token' },
  { expires_in: null },
  { expires_in: undefined },
  { scope: ['collection', 'charge'] },
  { id_token: 'not a token' },
];
const JSON_TYPE = { 'content-type': 'application/json' };

/** The answer of RFC 6749 §5.1. */
export function perfect(index: number, lives: StatedLives): TokenAnswer {
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify(members(index, lives)) };
}

/** A whole pair in an answer that a strict library rejects, or nearly so: as seen at real servers. */
export function imperfect(index: number, lives: StatedLives, dice: Dice): TokenAnswer {
  const usual = members(index, lives);
  const kind = dice.between(0, IMPERFECTIONS.length + 2);
  if (kind === IMPERFECTIONS.length) return { ...perfect(index, lives), status: 201 };
  if (kind === IMPERFECTIONS.length + 1) {
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: JSON.stringify(usual) };
  }
  if (kind > IMPERFECTIONS.length) {
    const body = JSON.stringify({ ...usual, expires_in: String(lives.accessSeconds) }, undefined, 2);
    return { status: 200, headers: JSON_TYPE, body: `\ufeff${body}\n` };
  }
  const changed = lives.change && 'expires_in' in (IMPERFECTIONS[kind] ?? {}) ? {} : IMPERFECTIONS[kind];
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ ...usual, ...changed }) };
}

/** The first part of a body, at least one byte short. */
export function cutOff(body: string, dice: Dice): string {
  return body.slice(0, dice.between(1, body.length - 1));
}

function members(
  index: number,
  { accessSeconds, refreshSeconds }: StatedLives,
): Readonly<Record<string, unknown>> {
  const access = { access_token: accessTokenOf(index) };
  const refresh = { refresh_token: refreshTokenOf(index) };
  const rest = {
    token_type: 'bearer',
    expires_in: accessSeconds,
    scope: 'fake-scope',
    ...(refreshSeconds !== undefined && { refresh_token_expires_in: refreshSeconds }),
  };
  // Servers differ in the order, and what a cut takes away differs with it.
  return index % 2 === 0 ? { ...access, ...rest, ...refresh } : { ...refresh, ...rest, ...access };
}
