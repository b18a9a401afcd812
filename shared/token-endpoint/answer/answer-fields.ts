import { isSecretName } from '../../secret/secret-names.ts';
import type { Members } from './find-tokens.ts';
import { isArray, isObject, JsonNumber, type JsonValue, UNREADABLE } from './json-values.ts';
import { isTokenLike, plain } from './token-names.ts';

/** A value of an answer as plain JSON. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

/**
 * The members of an answer beside its tokens, of which chosen ones are published (`instance_url`, `api_domain`). All
 * others stay unseen: nothing here shows when it is printed, and no token can be chosen, by whatever name.
 */
export class AnswerFields {
  readonly #objects: readonly Members[];
  readonly #tokens: ReadonlySet<string>;

  /** @param objects where to look, in this order: the object that has the access token, the one around it. */
  constructor(objects: readonly Members[], tokens: readonly string[]) {
    this.#objects = objects;
    this.#tokens = new Set(tokens);
  }

  /**
   * The members of these names that the answer has and that hold neither a token nor another secret. A number that
   * would lose digits is given as text.
   */
  pick(names: readonly string[]): Readonly<Record<string, FieldValue>> {
    const picked: [string, FieldValue][] = [];
    for (const name of new Set(names)) {
      if (isSecret(name)) continue;
      const found = this.#objects.find((members) => members.has(name))?.get(name);
      const value = found === undefined ? undefined : this.#plainValue(found);
      if (value !== undefined) picked.push([name, value]);
    }
    return Object.fromEntries(picked);
  }

  #plainValue(value: JsonValue): FieldValue | undefined {
    if (value === UNREADABLE) return undefined;
    if (value instanceof JsonNumber) {
      const number = Number(value.text);
      const isExact = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
      return this.#tokens.has(value.text) ? undefined : isExact ? number : value.text;
    }
    if (typeof value === 'string') return this.#holdsToken(value) ? undefined : value;
    if (!isArray(value) && !isObject(value)) return value;
    if (!value.closed) return undefined;
    if (isArray(value)) return value.entries.flatMap((entry) => this.#plainValue(entry) ?? []);
    return Object.fromEntries(
      [...value.members].flatMap(([name, member]) => {
        const plainMember = isSecret(name) ? undefined : this.#plainValue(member);
        return plainMember === undefined ? [] : [[name, plainMember] as const];
      }),
    );
  }

  #holdsToken(text: string): boolean {
    return [...this.#tokens].some((token) => text.includes(token));
  }
}

/** `id_token` and the like too: what names a token is none of the members that an API call is made with. */
function isSecret(name: string): boolean {
  return (
    isSecretName(name) || isTokenLike(name) || /(?:token|secret|password|assertion)s?$/.test(plain(name))
  );
}
