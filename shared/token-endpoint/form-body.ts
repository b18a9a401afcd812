import type { ReadObject } from './token-members.ts';

// A name and its value, as far as a form can have them: a page, a sentence or JSON does not pass.
const PAIR = /^([A-Za-z0-9_.-]+)=([^\s"<>]*)$/;

/** Only a form with one of these is the answer of a token endpoint. */
const TELLING = ['access_token', 'refresh_token', 'error'];

/**
 * Tokens, in which a `+` is a `+`: whoever writes forms by the book writes `%2B`, and the space that it would stand
 * for cannot be in a bearer token (RFC 6750 §2.1).
 */
const TOKENS = new Set(['access_token', 'refresh_token']);

/**
 * Reads a body of `application/x-www-form-urlencoded`, which some servers answer in (as drafts of OAuth 2 allowed);
 * undefined if the text is none. As strict as the reading of JSON that is cut off: `cutOff`, the last value is not
 * known to be whole and is left out; a name that comes twice makes everything uncertain, and it has no members.
 */
export function readForm(text: string, cutOff: boolean): ReadObject | undefined {
  const parts = text.split('&');
  const last = cutOff ? parts.pop() : undefined;
  const members = new Map<string, unknown>();
  for (const part of parts) {
    const [, name, value] = PAIR.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      if (part === '') continue;
      return undefined;
    }
    if (members.has(name)) return { members: new Map(), whole: false };
    members.set(name, decoded(TOKENS.has(name) ? value : value.replaceAll('+', ' ')));
  }
  if (!TELLING.some((name) => members.has(name))) return undefined;
  return { members, whole: last === undefined };
}

/** A `%` that encodes nothing was not written by anyone who encodes. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
