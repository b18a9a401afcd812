/** A number as it was written: a token of digits must not pass through floating point. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value that came whole but is no JSON (`undefined`, a string with a bare line break in it). */
export const UNREADABLE = { kind: 'unreadable' } as const;

export interface JsonObject {
  readonly kind: 'object';
  /** Members whose values are whole, and objects and arrays as far as they came. The last of one name counts. */
  readonly members: ReadonlyMap<string, JsonValue>;
  /** Names that came more than once with different values. */
  readonly repeated: ReadonlySet<string>;
  /** Its own closing brace was read: there are no further members. */
  readonly closed: boolean;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly entries: readonly JsonValue[];
  readonly closed: boolean;
}

export type JsonValue = string | JsonNumber | boolean | null | typeof UNREADABLE | JsonObject | JsonArray;

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'object';
}

export function isArray(value: JsonValue | undefined): value is JsonArray {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'array';
}

export interface JsonReading {
  /** Absent: not even a part of a value can be said for certain. */
  readonly value?: JsonValue;
  /** Where reading stopped. */
  readonly end: number;
  /** The value is whole, the text ended inside it, or it met what is no JSON. */
  readonly came: 'whole' | 'cut-off' | 'spoilt';
}

/** Nesting beyond this is no token response. */
const MAX_DEPTH = 64;

// Sticky patterns that find where a value ends. All run in linear time.
const SPACE = /[ \t\r\n]*/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const CUT_STRING = /"[^"\\]*(?:\\.[^"\\]*)*\\?$/sy;
const WORD = /[^\s",:{}[\]]+/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads one JSON value (RFC 8259) from `at` on as far as it came, and never more than is certain: a string counts when
 * its closing quote is there, a number when what ends it is. Objects and arrays that are cut off or spoilt hold what
 * came before. Never throws. Pure.
 */
export function readJson(text: string, at = 0): JsonReading {
  return readValue(text, after(SPACE, text, at), 0);
}

function readValue(text: string, at: number, depth: number): JsonReading {
  switch (text[at]) {
    case undefined:
      return { end: at, came: 'cut-off' };
    case '{':
      return depth < MAX_DEPTH ? readObject(text, at, depth) : { end: at, came: 'spoilt' };
    case '[':
      return depth < MAX_DEPTH ? readArray(text, at, depth) : { end: at, came: 'spoilt' };
    case '"':
      return readString(text, at);
    default:
      return readWord(text, at, depth);
  }
}

function readObject(text: string, start: number, depth: number): JsonReading {
  const members = new Map<string, JsonValue>();
  const repeated = new Set<string>();
  const ends = (end: number, came: JsonReading['came']): JsonReading => ({
    value: { kind: 'object', members, repeated, closed: came === 'whole' },
    end,
    came,
  });
  let at = after(SPACE, text, start + 1);
  if (text[at] === '}') return ends(at + 1, 'whole');
  for (;;) {
    if (at >= text.length) return ends(at, 'cut-off');
    if (text[at] !== '"') return ends(at, 'spoilt');
    const name = readString(text, at);
    if (typeof name.value !== 'string') return ends(name.end, name.came === 'cut-off' ? 'cut-off' : 'spoilt');
    const colon = after(SPACE, text, name.end);
    if (text[colon] !== ':') return ends(colon, colon >= text.length ? 'cut-off' : 'spoilt');
    const read = readValue(text, after(SPACE, text, colon + 1), depth + 1);
    if (read.value !== undefined) {
      if (members.has(name.value) && members.get(name.value) !== read.value) repeated.add(name.value);
      members.set(name.value, read.value);
    }
    if (read.came !== 'whole') return ends(read.end, read.came);
    const next = after(SPACE, text, read.end);
    if (text[next] === '}') return ends(next + 1, 'whole');
    if (text[next] !== ',') return ends(next, next >= text.length ? 'cut-off' : 'spoilt');
    at = after(SPACE, text, next + 1);
    // A comma too many.
    if (text[at] === '}') return ends(at + 1, 'whole');
  }
}

function readArray(text: string, start: number, depth: number): JsonReading {
  const entries: JsonValue[] = [];
  const ends = (end: number, came: JsonReading['came']): JsonReading => ({
    value: { kind: 'array', entries, closed: came === 'whole' },
    end,
    came,
  });
  let at = after(SPACE, text, start + 1);
  if (text[at] === ']') return ends(at + 1, 'whole');
  for (;;) {
    const read = readValue(text, at, depth + 1);
    if (read.value !== undefined) entries.push(read.value);
    if (read.came !== 'whole') return ends(read.end, read.came);
    const next = after(SPACE, text, read.end);
    if (text[next] === ']') return ends(next + 1, 'whole');
    if (text[next] !== ',') return ends(next, next >= text.length ? 'cut-off' : 'spoilt');
    at = after(SPACE, text, next + 1);
  }
}

function readString(text: string, at: number): JsonReading {
  const end = after(STRING, text, at);
  if (end === at) {
    return { end: text.length, came: after(CUT_STRING, text, at) === at ? 'spoilt' : 'cut-off' };
  }
  return { value: parsed(text.slice(at, end)), end, came: 'whole' };
}

/** A number may go on after a cut (30|0), so a word is whole only when something that ends it follows. */
function readWord(text: string, at: number, depth: number): JsonReading {
  const end = after(WORD, text, at);
  if (end === at) return { end, came: 'spoilt' };
  const next = after(SPACE, text, end);
  if (next >= text.length && depth > 0) return { end, came: 'cut-off' };
  return { value: wordValue(text.slice(at, end)), end, came: 'whole' };
}

function wordValue(word: string): JsonValue {
  if (word === 'true') return true;
  if (word === 'false') return false;
  if (word === 'null') return null;
  return NUMBER.test(word) ? new JsonNumber(word) : UNREADABLE;
}

function parsed(json: string): string | typeof UNREADABLE {
  try {
    return JSON.parse(json);
  } catch {
    return UNREADABLE;
  }
}

/** Where the match from `at` on ends; `at` itself if there is none. */
function after(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
