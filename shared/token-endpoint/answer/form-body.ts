import type { JsonObject } from './json-values.ts';
import { tokenKind } from './token-names.ts';

// A name and its value, as far as a form can have them: a page, a sentence or JSON does not pass.
const PAIR = /^([A-Za-z0-9_.-]+)=([^\s"<>]*)$/;

/** How the last pair of a form that was cut off may look. */
const CUT_PAIR = /^[A-Za-z0-9_.-]*(?:=[^\s"<>]*)?$/;

/**
 * Reads a body of `application/x-www-form-urlencoded`, which some servers answer in (as drafts of OAuth 2 allowed), as
 * the members of an object; undefined if the text is none. `cutOff`: the last value is not known to be whole and is
 * left out.
 *
 * A `+` in a token is a `+`: a server that writes forms by the book writes `%2B`, and the space that it would stand
 * for cannot be in a bearer token (RFC 6750 §2.1).
 */
export function readForm(text: string, cutOff: boolean): JsonObject | undefined {
  if (!text.includes('=')) return undefined;
  // As a fragment of a URL, or a pair a line, too.
  const parts = text.replace(/^[?#]/, '').split(/&|\r?\n/);
  const last = cutOff ? parts.pop() : undefined;
  if (last !== undefined && !CUT_PAIR.test(last)) return undefined;
  const members = new Map<string, string>();
  const repeated = new Set<string>();
  for (const part of parts) {
    const [, name, value] = PAIR.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      if (part === '') continue;
      return undefined;
    }
    const read = decoded(tokenKind(name) ? value : value.replaceAll('+', ' '));
    if (members.has(name) && members.get(name) !== read) repeated.add(name);
    members.set(name, read);
  }
  const isAmbiguous = [...repeated].some((name) => tokenKind(name) !== undefined);
  return { kind: 'object', members, repeated, closed: last === undefined && !isAmbiguous };
}

/** A `%` that encodes nothing was written by a server that encodes nothing. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
