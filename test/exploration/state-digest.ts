import { Secret } from '../../shared/secret/secret.ts';
import type { Answer } from './party-run.ts';

const numbers = new Map<string, string>();
const known = new WeakMap<object, string>();

/** A short name of a text, the same for the same text in this process. */
export function digestOf(text: string): string {
  const before = numbers.get(text);
  if (before !== undefined) return before;
  const name = numbers.size.toString(36);
  numbers.set(text, name);
  return name;
}

/** The same of items that are never changed. */
export function digestOfItems(items: readonly object[]): string {
  return items.map(digestOfItem).join(' ');
}

function digestOfItem(item: object): string {
  const before = known.get(item);
  if (before !== undefined) return before;
  const name = digestOf(renamed(JSON.stringify(item)));
  known.set(item, name);
  return name;
}

const exactly = new WeakMap<object, string>();

/** The digest of an answer, to the last id. */
export function digestOfAnswer(answer: Answer): string {
  if ('error' in answer) return `!${String(answer.error)}`;
  const { value } = answer;
  if (typeof value !== 'object' || value === null) return String(value);
  const before = exactly.get(value);
  if (before !== undefined) return before;
  const name = digestOf(textOf(value));
  exactly.set(value, name);
  return name;
}

/** What is handed over or answered, to the last id. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, revealing) ?? '';
}

/** The same, up to the numbers of the ids that parties drew. */
export function digestUpToIds(answer: Answer): string {
  if ('error' in answer) return `!${String(answer.error)}`;
  const { value } = answer;
  return typeof value === 'object' && value !== null && Object.isFrozen(value)
    ? digestOfItem(value)
    : digestOf(renamed(textOf(value)));
}

/**
 * Ids that parties drew, renamed in the order in which an item has them: how many a party had drawn before makes no
 * difference, only which are equal.
 */
function renamed(text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(DRAWN, (id, party: string) => {
    const name = names.get(id) ?? `${party}-${String.fromCharCode(97 + names.size)}`;
    names.set(id, name);
    return name;
  });
}

/** For JSON: what is sealed off from it as well. */
function revealing(this: Record<string, unknown>, key: string, part: unknown): unknown {
  const value = this[key];
  return value instanceof Secret ? value.reveal() : part;
}

/** The id of a permit, which names who drew the name of its container, or another id. */
const DRAWN = /(?:\d+@)?([A-Za-z]+)-drew-\d+/g;

/** The digest of a set of texts, whatever the order in which they were added: two sums of 52 bits. */
export class SetDigest {
  #one = 0;
  #other = 0;

  add(text: string): void {
    this.#one = (this.#one + mixed(text, 0x9e3779b9)) % 2 ** 52;
    this.#other = (this.#other + mixed(text, 0x85ebca6b)) % 2 ** 52;
  }

  remove(text: string): void {
    this.#one = (this.#one + 2 ** 52 - mixed(text, 0x9e3779b9)) % 2 ** 52;
    this.#other = (this.#other + 2 ** 52 - mixed(text, 0x85ebca6b)) % 2 ** 52;
  }

  get value(): string {
    return `${this.#one.toString(36)}.${this.#other.toString(36)}`;
  }
}

/** 52 bits of a text (the mixing steps of MurmurHash, public domain). */
function mixed(text: string, seed: number): number {
  let high = seed;
  let low = ~seed;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x85ebca6b);
    low = Math.imul(low ^ code, 0xc2b2ae35);
    high ^= high >>> 15;
    low ^= low >>> 13;
  }
  return (high >>> 0) * 2 ** 20 + ((low >>> 0) & 0xfffff);
}
