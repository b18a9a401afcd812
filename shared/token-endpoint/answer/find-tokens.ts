import {
  isArray,
  isObject,
  type JsonArray,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  readJson,
  UNREADABLE,
} from './json-values.ts';
import {
  canHoldPair,
  isTokenLike,
  namesToken,
  shortTokenKind,
  speaksOfToken,
  tokenKind,
} from './token-names.ts';

/** Members of one object, by name as they were written. */
export type Members = ReadonlyMap<string, JsonValue>;

/** What an answer holds of a pair. */
export interface FoundTokens {
  /** The one access token and the object that it lies in; absent: none, or several that differ. */
  readonly access?: { readonly token: string; readonly members: Members };
  /** The one new refresh token; absent: none, or several that differ. */
  readonly refresh?: string;
  /** Something that may be a token, of either kind, and cannot be read for certain. */
  readonly mayHoldToken: boolean;
  /** The same of a refresh token alone. */
  readonly mayHoldRefresh: boolean;
}

/** Tokens as text: digits are one too, a word that stands for nothing is none. */
const DIGITS = /^[1-9]\d*$/;
const NOTHING = /^\s*(?:null|undefined|none|nil)?\s*$/i;
/** A template that nobody has filled in: `{access_token}`, `<refresh-token>`, `${token}`. */
const PLACEHOLDER = /^\s*(?:\$?\{+|<|%|\[+)\s*[\w.-]*token[\w.-]*\s*(?:\}+|>|%|\]+)\s*$/i;

/**
 * Finds the tokens in the values of an answer, wherever they lie, by these rules:
 *
 * - An access token in a value's own members counts before all that lies deeper (RFC 6749 §5.1).
 * - Deeper, it must be the only one: of two that differ neither is taken.
 * - A refresh token belongs to it wherever it lies, if it is the only one.
 * - Nothing is taken from an error, from the request sent back, from an example (`canHoldPair`).
 *
 * @param posted the refresh token of the request: where it is repeated, nothing new is.
 */
export function findTokens(values: readonly JsonValue[], posted: string | undefined): FoundTokens {
  const search = new Search(posted);
  for (const value of values) search.visit(value, 0);
  return search.result();
}

interface Find {
  readonly token: string;
  readonly members: Members;
  readonly depth: number;
}

/** Text in text in text. */
const MAX_WRAPPINGS = 4;

class Search {
  readonly #posted: string | undefined;
  readonly #access: Find[] = [];
  readonly #refresh: Find[] = [];
  readonly #doubts = new Set<'access' | 'refresh'>();

  constructor(posted: string | undefined) {
    this.#posted = posted;
  }

  visit(value: JsonValue, depth: number, wrappings = 0): void {
    if (typeof value === 'string') this.#visitText(value, depth, wrappings);
    else if (isArray(value)) {
      const entryDepth = depth + (value.entries.length > 1 ? 1 : 0);
      for (const entry of value.entries) this.visit(entry, entryDepth, wrappings);
    } else if (isObject(value)) this.#visitObject(value, depth, wrappings);
  }

  result(): FoundTokens {
    const access = only(this.#access);
    const refresh = this.#refreshFor(access);
    const mayHoldRefresh = this.#doubts.has('refresh') || (refresh === undefined && this.#refresh.length > 0);
    return {
      ...(access && { access: { token: access.token, members: access.members } }),
      ...(refresh && { refresh: refresh.token }),
      mayHoldToken: mayHoldRefresh || this.#doubts.has('access') || (!access && this.#access.length > 0),
      mayHoldRefresh,
    };
  }

  /** The one beside the access token, or else the only one; the one that was posted only if there is no other. */
  #refreshFor(access: Find | undefined): Find | undefined {
    const beside = this.#refresh.filter(({ members }) => members === access?.members);
    const candidates = beside.length > 0 ? beside : this.#refresh;
    const isNew = candidates.filter(({ token }) => token !== this.#posted);
    return only(isNew.length > 0 ? isNew : candidates);
  }

  #visitObject(object: JsonObject, depth: number, wrappings: number): void {
    const own = ownKinds(object);
    for (const [name, member] of object.members) {
      if (!canHoldPair(name)) continue;
      const kind = own.get(name);
      const isNamed = kind !== undefined || isTokenLike(name);
      if (isObject(member) || isArray(member)) {
        if (isNamed) this.#visitNamed(name, member, depth, wrappings);
        else this.visit(member, depth + 1, wrappings);
      } else if (kind) this.#take(object, name, kind, member, depth);
      else if (isNamed) this.#doubt(name, member);
      else this.visit(member, depth + 1, wrappings);
    }
  }

  #take(from: JsonObject, name: string, kind: 'access' | 'refresh', value: JsonValue, depth: number): void {
    const token = tokenText(value);
    // Which of two is meant can be said only when nothing else can follow.
    const isCertain = from.closed || ![...from.repeated].some((each) => tokenKind(each) !== undefined);
    if (token === undefined || !isCertain) {
      this.#doubt(name, value);
    } else {
      (kind === 'access' ? this.#access : this.#refresh).push({ token, members: from.members, depth });
    }
  }

  /** An object that is itself named as a token: what is in it may be one under any name. */
  #visitNamed(name: string, value: JsonObject | JsonArray, depth: number, wrappings: number): void {
    const before = this.#access.length + this.#refresh.length;
    this.visit(value, depth + 1, wrappings);
    const isFound = this.#access.length + this.#refresh.length > before;
    if (!isFound && mayHoldToken(value, this.#posted)) this.#doubtAbout(name);
  }

  #visitText(text: string, depth: number, wrappings: number): void {
    const inner = wrappings < MAX_WRAPPINGS && /^\s*[{["]/.test(text) ? readJson(text) : undefined;
    if (inner?.came === 'whole' && inner.value !== undefined) this.visit(inner.value, depth, wrappings + 1);
    else if (namesToken(text)) this.#doubtAbout(text);
  }

  #doubt(name: string, value: JsonValue): void {
    if (mayBeToken(value, this.#posted)) this.#doubtAbout(name);
  }

  #doubtAbout(text: string): void {
    this.#doubts.add(/refresh/i.test(text) ? 'refresh' : 'access');
  }
}

/** Which members of an object hold a token: by their full names, or by short ones if they explain each other. */
function ownKinds({ members }: JsonObject): ReadonlyMap<string, 'access' | 'refresh'> {
  const kinds = new Map<string, 'access' | 'refresh'>();
  for (const name of members.keys()) {
    const kind = tokenKind(name);
    if (kind) kinds.set(name, kind);
  }
  const has = (kind: 'access' | 'refresh', of: (name: string) => string | undefined) =>
    [...members].some(([name, value]) => of(name) === kind && tokenText(value) !== undefined);
  for (const name of members.keys()) {
    const kind = shortTokenKind(name);
    if (!kind || kinds.has(name)) continue;
    const other = kind === 'access' ? 'refresh' : 'access';
    if (!has(kind, tokenKind) && (has(other, tokenKind) || has(other, shortTokenKind))) kinds.set(name, kind);
  }
  return kinds;
}

/** The find of the least depth, if no other of that depth differs from it. */
function only(finds: readonly Find[]): Find | undefined {
  const depth = Math.min(...finds.map((find) => find.depth));
  const [first, ...others] = finds.filter((find) => find.depth === depth || depth > 0);
  return others.every(({ token }) => token === first?.token) ? first : undefined;
}

/** A token is never trimmed or altered; one of nothing but white space is none. */
export function tokenText(value: JsonValue): string | undefined {
  if (value instanceof JsonNumber) return DIGITS.test(value.text) ? value.text : undefined;
  return typeof value === 'string' && !isNothing(value) ? value : undefined;
}

function mayBeToken(value: JsonValue, posted: string | undefined): boolean {
  if (value === UNREADABLE) return true;
  if (typeof value === 'string') return !isNothing(value) && value !== posted;
  return value instanceof JsonNumber && value.text !== '0';
}

function isNothing(text: string): boolean {
  return NOTHING.test(text) || PLACEHOLDER.test(text);
}

/** True if a token may lie in it under any name: what is empty, or speaks of the token alone, has none. */
function mayHoldToken(value: JsonValue, posted: string | undefined): boolean {
  if (isArray(value)) return !value.closed || value.entries.some((entry) => mayHoldToken(entry, posted));
  if (!isObject(value)) return mayBeToken(value, posted) && !isShortNumber(value);
  if (!value.closed) return true;
  return [...value.members].some(([name, member]) => !speaksOfToken(name) && mayHoldToken(member, posted));
}

/** A code, a number of seconds. */
function isShortNumber(value: JsonValue): boolean {
  return value instanceof JsonNumber && value.text.length < 8;
}
