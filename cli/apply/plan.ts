import { isDeepStrictEqual } from 'node:util';
import { USUAL_PROVIDER } from '../../shared/provider/profiles.ts';
import type { JsonObject } from '../context.ts';
import { CommandFailure } from '../errors.ts';
import type { Declaration, DeclaredApp, DeclaredCredential } from './declaration.ts';

/** What there is, as the admin function exports it. */
export interface Existing {
  readonly credentials: readonly (JsonObject & { readonly credential: string })[];
  readonly apps: readonly { readonly app: string; readonly tags?: JsonObject }[];
}

/** One thing to do. Done again, it does nothing. */
export type Change =
  | { readonly do: 'put-app'; readonly app: DeclaredApp; readonly isNew: boolean }
  | { readonly do: 'register'; readonly credential: DeclaredCredential }
  | {
      readonly do: 'update';
      readonly id: string;
      readonly settings: JsonObject;
      readonly before: JsonObject;
    };

export interface Plan {
  readonly changes: readonly Change[];
  /** How many are there already as they are declared. */
  readonly unchanged: number;
  /** Registered, and not in the file: nothing is done about them. */
  readonly undeclared: readonly string[];
}

/** Said at the registration alone. */
const ONCE = new Set(['refresh_token_issued_at', 'refresh_token_expires_at', 'expires_at']);
/** What a credential was begun with stays. */
const FIXED = ['provider', 'grant'];

/**
 * What leads from what there is to what is declared. A setting that the file does not name stays as it is. Throws a
 * {@link CommandFailure} for what no update can change.
 */
export function planOf(declared: Declaration, existing: Existing): Plan {
  const there = new Map(existing.credentials.map((one) => [one.credential, one]));
  const apps = new Map(existing.apps.map((one) => [one.app, one]));
  const changes: Change[] = [];
  for (const app of declared.apps) {
    const before = apps.get(app.name);
    const isAlike = before && (app.tags === undefined || isDeepStrictEqual(app.tags, before.tags));
    if (!isAlike) changes.push({ do: 'put-app', app, isNew: before === undefined });
  }
  for (const credential of declared.credentials) {
    const before = there.get(credential.id);
    if (!before) {
      changes.push({ do: 'register', credential });
      continue;
    }
    const settings = difference(credential, before);
    if (Object.keys(settings).length > 0) changes.push({ do: 'update', id: credential.id, settings, before });
  }
  const ids = new Set(declared.credentials.map(({ id }) => id));
  const all = declared.apps.length + declared.credentials.length;
  return {
    changes,
    unchanged: all - changes.length,
    undeclared: [...there.keys()].filter((id) => !ids.has(id)),
  };
}

function difference({ id, settings }: DeclaredCredential, before: JsonObject): JsonObject {
  for (const member of FIXED) {
    if (settings[member] === undefined || settings[member] === before[member]) continue;
    throw new CommandFailure(
      'cannot-change',
      `${id}: ${member} is ${String(before[member])} and cannot be changed; nothing was done`,
      'Correct the file, or remove the credential and register it anew.',
    );
  }
  const changed = Object.entries(settings).filter(
    ([member, value]) =>
      !ONCE.has(member) &&
      value !== undefined &&
      !isDeepStrictEqual(value, before[member] ?? without(member)),
  );
  return Object.fromEntries(changed);
}

/** What a setting that is not there is like. */
function without(member: string): unknown {
  if (member === 'parameter') return false;
  return ['extra', 'headers', 'tags'].includes(member) ? {} : undefined;
}

/** The plan for people, a line each. */
export function planLines({ changes, unchanged, undeclared }: Plan): string[] {
  const lines = changes.map(changeLine);
  if (unchanged > 0) lines.push(`= ${unchanged} as declared`);
  if (undeclared.length > 0)
    lines.push(`  ${undeclared.length} more are registered and not in the file; they stay`);
  return lines;
}

function changeLine(change: Change): string {
  switch (change.do) {
    case 'put-app':
      return `${change.isNew ? '+' : '~'} app ${change.app.name}`;
    case 'register':
      return `+ ${change.credential.id} (${String(change.credential.settings.provider ?? USUAL_PROVIDER)})`;
    case 'update':
      return `~ ${change.id}: ${Object.entries(change.settings)
        .map(([member, value]) => `${member} ${said(change.before[member])} → ${said(value)}`)
        .join(', ')}`;
  }
}

function said(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
