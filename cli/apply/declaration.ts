import { type Document, isMap, isScalar, LineCounter, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { AdminError } from '../../shared/admin/admin-error.ts';
import { parseRequest, RegisterRequest } from '../../shared/admin/request.ts';
import { CREDENTIAL_ID } from '../../shared/config/names.ts';
import { isSecretName } from '../../shared/secret/secret-names.ts';
import type { JsonObject } from '../context.ts';
import { UsageError } from '../errors.ts';

/** Where the secrets of a credential or an app come from: a variable or a file, which holds JSON as `--secrets -` does. */
export type SecretsReference = { readonly env: string } | { readonly file: string };

export interface DeclaredApp {
  readonly name: string;
  readonly secrets?: SecretsReference;
  readonly tags?: JsonObject;
}

export interface DeclaredCredential {
  readonly id: string;
  readonly secrets?: SecretsReference;
  /** As `register` takes them. */
  readonly settings: JsonObject;
}

/** What a file says there should be. */
export interface Declaration {
  readonly apps: readonly DeclaredApp[];
  readonly credentials: readonly DeclaredCredential[];
}

const NOT_IN_A_FILE = ['action', 'credential', 'force', 'check', 'client', 'refresh_token', 'access_token'];
const SETTINGS = Object.keys(RegisterRequest.entries).filter((name) => !NOT_IN_A_FILE.includes(name));

/**
 * Reads a file of credentials. Throws a {@link UsageError} that says the line, what is wrong there and what to do, and
 * never a value.
 */
export function readDeclaration(text: string): Declaration {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    stringKeys: true,
    version: '1.2',
  });
  return new Reader(document, lines).read();
}

class Reader {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  read(): Declaration {
    const [error] = this.#document.errors;
    if (error) throw this.#wrong(error.pos[0], 'this is no YAML; look at indentation, quotes and colons');
    const { contents } = this.#document;
    if (!isMap(contents)) throw this.#wrong(0, 'expected credentials: and below it an id for each');
    const parts = this.#members(contents, 'the file', ['credentials', 'apps']);
    return {
      apps: this.#entries(parts.get('apps'), 'apps').map(([name, entry]) => this.#app(name, entry)),
      credentials: this.#entries(parts.get('credentials'), 'credentials').map(([id, entry]) =>
        this.#credential(id, entry),
      ),
    };
  }

  #app(name: string, entry: Pair): DeclaredApp {
    const members = this.#members(entry.value, name, ['secrets', 'tags']);
    const secrets = this.#secrets(members.get('secrets'), name);
    const tags = members.get('tags');
    return { name, ...(secrets && { secrets }), ...(tags && { tags: this.#plain(tags) as JsonObject }) };
  }

  #credential(id: string, entry: Pair): DeclaredCredential {
    const members = this.#members(entry.value, id, ['secrets', ...SETTINGS]);
    const secrets = this.#secrets(members.get('secrets'), id);
    const settings = Object.fromEntries(
      [...members].filter(([name]) => name !== 'secrets').map(([name, pair]) => [name, this.#plain(pair)]),
    );
    this.#assertSettings(id, entry, members, settings);
    return { id, settings, ...(secrets && { secrets }) };
  }

  /** What the admin function would refuse is told with its line, before anything is sent. */
  #assertSettings(id: string, entry: Pair, members: ReadonlyMap<string, Pair>, settings: JsonObject): void {
    try {
      parseRequest(RegisterRequest, { ...settings, action: 'register', credential: id });
    } catch (error) {
      if (!(error instanceof AdminError)) throw error;
      const pair = members.get(error.field?.split('.')[0] ?? '') ?? entry;
      throw this.#wrong(offsetOf(pair), `${id}: ${error.message.replace(/\.$/, '')}`);
    }
  }

  #secrets(pair: Pair | undefined, of: string): SecretsReference | undefined {
    if (!pair) return undefined;
    const members = this.#members(pair.value, `secrets of ${of}`, ['env', 'file']);
    const [one, ...others] = [...members];
    const value = one && this.#plain(one[1]);
    if (!one || others.length > 0 || typeof value !== 'string' || value === '') {
      throw this.#wrong(offsetOf(pair), `secrets of ${of}: expected one of env: NAME and file: PATH`);
    }
    return one[0] === 'env' ? { env: value } : { file: value };
  }

  #entries(pair: Pair | undefined, of: string): [string, Pair][] {
    if (!pair) return [];
    const entries = [...this.#members(pair.value, of)];
    for (const [name, entry] of entries) {
      if (CREDENTIAL_ID.test(name)) continue;
      throw this.#wrong(
        offsetOf(entry),
        `${of}: expected an id of a-z, 0-9 and . _ - (at most 64 characters)`,
      );
    }
    return entries;
  }

  /** The members of a map by name; `known` are all that there can be. */
  #members(node: unknown, of: string, known?: readonly string[]): ReadonlyMap<string, Pair> {
    const members = new Map<string, Pair>();
    if (isScalar(node) && node.value === null) return members;
    if (!isMap(node)) throw this.#wrong(startOf(node), `${of}: expected names, each with a colon`);
    for (const pair of (node as YAMLMap).items) {
      const name = nameOf(pair);
      const before = members.get(name);
      if (before) {
        const first = this.#lines.linePos(offsetOf(before)).line;
        throw this.#wrong(
          offsetOf(pair),
          `${of}: ${shown(name)} is there twice (line ${first} too); leave one out`,
        );
      }
      if (known && !known.includes(name)) throw this.#unknown(pair, name, of, known);
      members.set(name, pair);
    }
    return members;
  }

  #unknown(pair: Pair, name: string, of: string, known: readonly string[]): UsageError {
    if (name === 'client' || isSecretName(name)) {
      const how = 'refer to them: secrets: {env: NAME} or {file: PATH}, or leave them out to be asked';
      return this.#wrong(offsetOf(pair), `${of}: secrets are never in the file; ${how}`);
    }
    return this.#wrong(
      offsetOf(pair),
      `${of}: ${shown(name)} is not known; leave it out or correct it (known: ${known.join(', ')})`,
    );
  }

  #plain(pair: Pair): unknown {
    const { value } = pair;
    if (value === null || value === undefined) return undefined;
    try {
      return (value as { toJS(document: unknown): unknown }).toJS(this.#document);
    } catch {
      // An alias of nothing, or one that grows beyond all measure.
      throw this.#wrong(offsetOf(pair), 'this cannot be read; write it out without anchors and aliases');
    }
  }

  #wrong(offset: number, message: string): UsageError {
    return new UsageError(`line ${this.#lines.linePos(offset).line || 1}: ${message}`);
  }
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : '';
}

/** A name is repeated only as far as it is a short plain one. */
function shown(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : 'this member';
}

function offsetOf({ key }: Pair): number {
  return startOf(key);
}

function startOf(node: unknown): number {
  return (node as { readonly range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
}
