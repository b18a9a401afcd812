import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const ROOT = new URL('../../../', import.meta.url).pathname;
const PAGE = readFileSync(`${ROOT}docs/storage.md`, 'utf8');
const SOURCE = globSync('shared/**/*.ts', { cwd: ROOT })
  .toSorted()
  .map((file) => readFileSync(`${ROOT}${file}`, 'utf8'))
  .join('\n');

/** `<!-- A, B -->` before a table: the types whose members it documents. */
const SECTIONS = [...PAGE.matchAll(/<!-- (?<types>[\w, ]+) -->\n\n(?<table>(?:\|.*\n)+)/g)].map(
  ({ groups: { types = '', table = '' } = {} }) => ({
    types: types.split(', '),
    rows: table
      .trim()
      .split('\n')
      .slice(2)
      .map((line) => line.split('|').slice(1, -1)),
  }),
);

/** Every type that something stored is made of. A new one is named on the page too. */
const STORED = [
  'Announced',
  'App',
  'AppsRecord',
  'Attempt',
  'CLIENT_MEMBERS',
  'CredentialRecord',
  'CredentialSettings',
  'Doubt',
  'Episode',
  'EpisodeEnd',
  'Failure',
  'History',
  'Lapse',
  'PreviousChain',
  'PublicationState',
  'PublishedValue',
  'QuotaRecord',
  'RefusedReport',
  'RefusedReports',
  'Refusals',
  'RequestSettings',
  'Revisioned',
  'SealedPair',
  'SetAside',
  'Stamp',
  'Timestamp',
  'TokenRequestSettings',
  'ToldTrouble',
  'ToldUnpublished',
  'UnreadableAnswer',
];

/** Parts of the record whose members the page does not repeat: numbers, texts, and what has a page of its own. */
const NOT_STORED_AS_SUCH = new Set(['Readonly', 'Record', 'QuotaLimit', 'SealedPair', 'Revisioned']);

describe('docs/storage.md', () => {
  it('documents every stored type', () => {
    assert.deepEqual(SECTIONS.flatMap(({ types }) => types).toSorted(), STORED.toSorted());
  });

  for (const { types, rows } of SECTIONS) {
    it(`has a row for each member of ${types.join(', ')}, and no other`, () => {
      const expected = [...new Set(types.flatMap(membersOf))].toSorted();
      const documented = rows.map(([name = '']) => name.trim().replaceAll('`', ''));
      assert.deepEqual(documented.toSorted(), expected);
      for (const row of rows) {
        assert.equal(row.length, 4, `${row[0]}: member, meaning, written, goes`);
        assert.ok(
          row.every((cell) => cell.trim() !== ''),
          `${row[0]}: a cell is empty`,
        );
      }
    });
  }

  it('documents the interfaces that members of a stored interface name', () => {
    const declared = new Set([...SOURCE.matchAll(/^export interface (\w+)/gm)].map(([, name]) => name));
    const named = STORED.flatMap((type) =>
      [...bodyOf(type).matchAll(/: (?:readonly )?(?<type>[A-Z]\w+)/g)].map(
        ({ groups }) => groups?.type ?? '',
      ),
    ).filter((type) => declared.has(type) && !NOT_STORED_AS_SUCH.has(type));
    assert.deepEqual(
      named.filter((type) => !STORED.includes(type)),
      [],
    );
  });
});

/** The text between the braces of an interface, or of a table of members. */
function bodyOf(type: string): string {
  const start = new RegExp(`^export (?:interface ${type}\\b[^{]*|const ${type} = )\\{\n`, 'm').exec(SOURCE);
  assert.ok(start, `${type} is not exported by shared/`);
  const from = start.index + start[0].length;
  return SOURCE.slice(from, SOURCE.indexOf('\n}', from) + 1);
}

function membersOf(type: string): string[] {
  return [...bodyOf(type).matchAll(/^ {2}(?:readonly )?(?<name>\w+)\??:/gm)].map(
    ({ groups }) => groups?.name ?? '',
  );
}
