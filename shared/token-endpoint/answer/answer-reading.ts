import { answerText } from './answer-text.ts';
import { readForm } from './form-body.ts';
import { isArray, isObject, type JsonObject, type JsonValue, readJson } from './json-values.ts';

/** What the body of an answer says, whatever it was written in, and as far as it came. */
export interface AnswerReading {
  readonly text: string;
  /** Bytes of which nothing could make a text. */
  readonly isPacked: boolean;
  /** A page for people: nothing in it is an answer of the token endpoint. */
  readonly isPage: boolean;
  /** The JSON values, or the form, in the order in which they came. */
  readonly values: readonly JsonValue[];
  /** The text ends inside a value: there may be members that did not come. */
  readonly isCutOff: boolean;
  /** An object turns into something that is no JSON: what comes after that is in no known place. */
  readonly isSpoilt: boolean;
  /** What is in the text beside the values that came whole. */
  readonly rest: string;
}

/**
 * Reads JSON, also inside a JSON string, one value after another, or after something else (a guard against scripts, a
 * warning, a line of text with a brace in it); or a form.
 *
 * @param isCutOff more was to come: the last value of a form is then not known to be whole.
 */
export function readAnswer(
  body: Uint8Array,
  contentEncoding: string | undefined,
  isCutOff: boolean,
): AnswerReading {
  const { text: whole, isPacked } = answerText(body, contentEncoding);
  const text = withoutWarnings(whole.trim());
  const nothing = { text, isPacked, isPage: false, values: [], isCutOff: false, isSpoilt: false, rest: text };
  if (isPacked) return nothing;
  if (isPage(text)) return { ...nothing, isPage: true };
  if (/^["[]/.test(text)) return { ...nothing, ...readWrapped(text) };
  const form = text.startsWith('{') ? undefined : readForm(text, isCutOff);
  if (form) return { ...nothing, values: [form], isCutOff: isCutOff && !form.closed, rest: '' };
  return { ...nothing, ...scan(text, 0) };
}

type Scanned = Pick<AnswerReading, 'values' | 'isCutOff' | 'isSpoilt' | 'rest'>;

/** A JSON string or array; what follows it may be a value too. */
function readWrapped(text: string): Scanned {
  const { value, end, came } = readJson(text);
  const values = value === undefined ? [] : [value];
  if (came === 'cut-off') return { values, isCutOff: true, isSpoilt: false, rest: text };
  if (came === 'spoilt') return scan(text, 0);
  if (typeof value === 'string' && isPage(value.trim()))
    return { values: [], isCutOff: false, isSpoilt: false, rest: '' };
  const more = scan(text, end);
  return { ...more, values: [...values, ...more.values] };
}

/** So many braces may turn out to be none of JSON's. */
const MAX_ATTEMPTS = 64;

/** Every JSON object from `from` on that is not inside another. */
function scan(text: string, from: number): Scanned {
  const values: JsonValue[] = [];
  let rest = '';
  let at = from;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const brace = text.indexOf('{', at);
    const page = text.slice(at, brace < 0 ? undefined : brace).search(PAGE_TAG);
    // What a page holds is none of the answer's.
    if (page >= 0)
      return { values, isCutOff: false, isSpoilt: false, rest: rest + text.slice(at, at + page) };
    if (brace < 0) break;
    const { value, end, came } = readJson(text, brace);
    const isJson = value !== undefined && (came === 'whole' || hasMembers(value));
    if (isJson) values.push(value);
    if (came === 'cut-off' || (came === 'spoilt' && isJson)) {
      return {
        values,
        isCutOff: came === 'cut-off',
        isSpoilt: came === 'spoilt',
        rest: rest + text.slice(at),
      };
    }
    rest += text.slice(at, came === 'whole' ? brace : brace + 1);
    at = came === 'whole' ? end : brace + 1;
  }
  return { values, isCutOff: false, isSpoilt: false, rest: rest + text.slice(at) };
}

function hasMembers(value: JsonValue): boolean {
  return isObject(value) && value.members.size > 0;
}

/** What PHP writes before an answer where it shows its errors in HTML, with the tables of Xdebug. */
const WARNING =
  /^(?:<br ?\/?>\s*|<font[^>]*>\s*)*(?:<b>\s*(?:Warning|Notice|Deprecated|Strict Standards|Recoverable fatal error)\s*<\/b>:.{0,2000}?\bon line <b>\d+<\/b><br ?\/?>|<table class=['"]xdebug-error.*?<\/table>\s*(?:<\/font>)?)/is;

/** How many of PHP's warnings are looked past. */
const MAX_WARNINGS = 50;

function withoutWarnings(text: string): string {
  let rest = text;
  for (let count = 0; count < MAX_WARNINGS && rest.startsWith('<'); count += 1) {
    const warning = WARNING.exec(rest)?.[0] ?? '';
    if (warning === '') break;
    rest = rest.slice(warning.length).trimStart();
  }
  return rest;
}

const PAGE_TAG = /<(?:!doctype\s+html|html|head|body|script)[\s>]/i;

/** A text that begins as markup does, or in which a page begins before anything that may be JSON. */
function isPage(text: string): boolean {
  if (text.startsWith('<')) return true;
  const tag = text.search(PAGE_TAG);
  return tag >= 0 && !/[{["]/.test(text.slice(0, tag));
}

/** The object that an answer is, in an array of one or a string too; undefined if it is none. */
export function rootObject({ values }: Pick<AnswerReading, 'values'>): JsonObject | undefined {
  for (const value of values) {
    const root = unwrapped(value);
    if (root) return root;
  }
  return undefined;
}

function unwrapped(value: JsonValue): JsonObject | undefined {
  if (typeof value === 'string') {
    const inner = /^\s*[{[]/.test(value) ? readJson(value).value : undefined;
    return inner === undefined ? undefined : unwrapped(inner);
  }
  if (isObject(value)) return value;
  if (!isArray(value)) return undefined;
  const [only, ...others] = value.entries;
  return only === undefined || others.length > 0 ? undefined : unwrapped(only);
}
