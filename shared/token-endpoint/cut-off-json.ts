/** What can be said for certain about the start of a JSON object. */
export interface DefiniteMembers {
  /** Top-level members whose values are whole. */
  readonly members: ReadonlyMap<string, unknown>;
  /** The object's own closing brace was read: there are no further members. */
  readonly closed: boolean;
}

const NOTHING: DefiniteMembers = { members: new Map(), closed: false };

// Sticky patterns that find where a value ends; whether it is JSON, JSON.parse decides. All run in linear time.
const SPACE = /[ \t\r\n]*/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
// A number may go on after the cut (30|0), so it is whole only when something that ends it follows.
const PRIMITIVE = /(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?=[ \t\r\n]*[,}])/y;
const NESTED_TOKEN = /[^"{}[\]]+/y;

/**
 * Reads the top-level members of a JSON object that is cut off or spoilt further on, up to the first place
 * that is not plain JSON. Strict, because a token that is nearly right is worth less than none: a string
 * counts when its closing quote is there, a number when its end is, an object or array when it is balanced
 * and parses. A name that comes twice makes everything uncertain, and nothing is returned; that a name
 * might come again after the cut is not considered (RFC 8259 §4: names should be unique).
 */
export function readDefiniteMembers(text: string): DefiniteMembers {
  const members = new Map<string, unknown>();
  let at = end(SPACE, text, 0) ?? 0;
  if (text[at] !== '{') return NOTHING;
  at = end(SPACE, text, at + 1) ?? at;
  if (text[at] === '}') return { members, closed: true };
  for (;;) {
    const nameEnd = end(STRING, text, at);
    if (nameEnd === undefined) return { members, closed: false };
    const name = parsed(text.slice(at, nameEnd));
    const colon = end(SPACE, text, nameEnd) ?? nameEnd;
    if (typeof name !== 'string' || text[colon] !== ':') return { members, closed: false };
    const start = end(SPACE, text, colon + 1) ?? colon;
    const valueEnd = endOfValue(text, start);
    const value = valueEnd === undefined ? undefined : parsed(text.slice(start, valueEnd));
    if (valueEnd === undefined || value === undefined) return { members, closed: false };
    if (members.has(name)) return NOTHING;
    members.set(name, value);
    const next = end(SPACE, text, valueEnd) ?? valueEnd;
    if (text[next] === '}') return { members, closed: true };
    if (text[next] !== ',') return { members, closed: false };
    at = end(SPACE, text, next + 1) ?? next;
  }
}

/** Index after the value that begins at `start`, or undefined if its end has not come. */
function endOfValue(text: string, start: number): number | undefined {
  if (text[start] === '"') return end(STRING, text, start);
  if (text[start] !== '{' && text[start] !== '[') return end(PRIMITIVE, text, start);
  let depth = 0;
  for (let at = start; at < text.length; ) {
    if (text[at] === '"' || !'{}[]'.includes(text.charAt(at))) {
      const after = end(text[at] === '"' ? STRING : NESTED_TOKEN, text, at);
      if (after === undefined) return undefined;
      at = after;
      continue;
    }
    depth += '{['.includes(text.charAt(at)) ? 1 : -1;
    at += 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** No JSON value is `undefined`, so it can stand for one that does not parse. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function end(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
