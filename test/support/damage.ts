import type { CredentialRecord } from '../../shared/credential/credential.ts';

/** What a hand or another program may leave where something else belongs; undefined: nothing. */
const VALUES = [undefined, null, 5, -7, 9e15, 'text', [], {}, true, [null], { a: { b: 1 } }] as const;
/** Without these there is no record: a table refuses it, or it is another's. */
const OF_THE_TABLE = new Set(['credential', 'revision', 'writer']);
/** Members that may be there, beside those that a credential has after its first refreshes. */
const FURTHER: readonly (readonly string[])[] = [
  ...['attempt', 'failure', 'lapse', 'doubt', 'refusals', 'history', 'watched', 'bulkhead'].map((name) => [
    name,
  ]),
  ...['previous', 'unreadable', 'unreadableBefore', 'withoutNetwork'].map((name) => ['aside', name]),
  ...['trouble', 'troubleEnded', 'unpublished', 'unpublishedEnded'].map((name) => ['announced', name]),
  ['reports', 'latest'],
];

type Json = Readonly<Record<string, unknown>>;

/** One member of a record, and what it becomes. */
export interface Damage {
  readonly what: string;
  apply(record: CredentialRecord): CredentialRecord;
}

/** Every member of `record`, of the objects in it and of those that may be there, with each wrong value in turn. */
export function damagesOf(record: CredentialRecord): Damage[] {
  const members = [...membersOf(record), ...FURTHER].filter(([name = '']) => !OF_THE_TABLE.has(name));
  return members.flatMap((path) =>
    VALUES.map((value) => ({
      what: `${path.join('.')} = ${JSON.stringify(value)}`,
      apply: (before) => withMember({ ...before }, path, value) as unknown as CredentialRecord,
    })),
  );
}

function membersOf(value: unknown, depth = 2): string[][] {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    [name],
    ...membersOf(inner, depth - 1).map((rest) => [name, ...rest]),
  ]);
}

function withMember(value: Json, [name = '', ...rest]: readonly string[], to: unknown): Json {
  const { [name]: inner, ...others } = value;
  if (rest.length > 0) return { ...others, [name]: withMember((inner ?? {}) as Json, rest, to) };
  return to === undefined ? others : { ...others, [name]: to };
}
