import { readAnswer } from './answer-reading.ts';
import { tokenText } from './find-tokens.ts';
import { isArray, isObject, type JsonValue, readJson } from './json-values.ts';

/** Where a value lies in an answer: names of members and places in lists, outermost first. */
export type Path = readonly string[];

/** Most steps of a path. */
const MOST_STEPS = 20;

/**
 * Reads a path as a person writes it: `data.tokens.refresh`, `tokens.0`, or a JSON Pointer (RFC 6901) where a name has
 * a dot in it: `/data/refresh.token`. Undefined: it is none. Pure.
 */
export function parsePath(text: string): Path | undefined {
  const isPointer = text.startsWith('/');
  const steps = isPointer ? text.slice(1).split('/').map(unescaped) : text.split('.');
  return steps.length <= MOST_STEPS && steps.every((step) => step !== '') ? steps : undefined;
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/**
 * The token at a place of an answer that could not be understood: the body is read as leniently as ever, text in text
 * too, and every value of it is looked into. Undefined: there is no whole text or number, or several that differ. Pure.
 */
export function tokenAt(body: string, path: Path): string | undefined {
  const { values } = readAnswer(Buffer.from(body), undefined, false);
  const found = values.flatMap((value) => tokenText(valueAt(value, path) ?? null) ?? []);
  const [first] = found;
  return found.every((token) => token === first) ? first : undefined;
}

function valueAt(value: JsonValue, path: Path): JsonValue | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof value === 'string') {
    const inner = /^\s*[{[]/.test(value) ? readJson(value).value : undefined;
    return inner === undefined ? undefined : valueAt(inner, path);
  }
  const next = isArray(value) ? entryAt(value.entries, step) : undefined;
  const member = isObject(value) ? value.members.get(step) : next;
  return member === undefined ? undefined : valueAt(member, rest);
}

function entryAt(entries: readonly JsonValue[], step: string): JsonValue | undefined {
  return /^\d{1,6}$/.test(step) ? entries[Number(step)] : undefined;
}

/** Most places that are named to a person. */
const MOST_PLACES = 30;
const MAX_DEPTH = 8;
/** A name that a program gave a member, and no token: those have digits. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z_-]{0,39}$/;

/**
 * The places of an answer at which a token may lie, as a person writes them. Nothing that the provider sent is in them
 * but names of letters alone. Pure.
 */
export function placesOf(body: string): readonly string[] {
  const places = new Set<string>();
  const visit = (value: JsonValue, path: Path): void => {
    if (path.length > MAX_DEPTH || places.size >= MOST_PLACES) return;
    const inner = typeof value === 'string' && /^\s*[{[]/.test(value) ? readJson(value).value : undefined;
    const within = inner !== undefined && (isObject(inner) || isArray(inner)) ? inner : value;
    if (isArray(within)) {
      for (const [at, entry] of within.entries.entries()) visit(entry, [...path, String(at)]);
    } else if (isObject(within)) {
      for (const [name, member] of within.members) if (PLAIN_NAME.test(name)) visit(member, [...path, name]);
    } else if (path.length > 0 && tokenText(within) !== undefined) places.add(path.join('.'));
  };
  for (const value of readAnswer(Buffer.from(body), undefined, false).values) visit(value, []);
  return [...places];
}
