import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { CredentialOverview, Overview } from '../../../local/terminal/overview.ts';
import { notableChanges, overviewBlock, summaryLine } from '../../../local/terminal/overview-lines.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 0, 1, 12);
const acme: CredentialOverview = {
  credential: 'acme',
  state: 'active',
  generation: 7,
  lanes: 12,
  expiresAtMs: NOW_MS + 150_000,
  fullestLaneVersions: 31,
};
const overview = (...credentials: CredentialOverview[]): Overview => ({
  credentials,
  quotas: [{ key: 'bs2', limit: 10, used: 3 }],
});
const state = {
  nowMs: NOW_MS,
  lastTickMs: NOW_MS - 5000,
  tickMs: 60_000,
  dayMs: DAY_MS,
  news: [],
  columns: 120,
};
const block = (seen: Overview, changes = {}) =>
  stripVTControlCharacters(overviewBlock(seen, { ...state, ...changes }));

describe('the view of a running stack', () => {
  test('shows the last tick, each credential and each quota', () => {
    assert.deepEqual(block(overview(acme)).split('\n'), [
      'tick 5.0 s ago (one every 60 s)',
      '  acme        active   generation 7      expires in 2 min 30 s  lane 6 of 12, fullest holds 31',
      '  quota bs2: 3 of 10 in use',
    ]);
  });

  test('has no line longer than the terminal is wide, with colours and without, and breaks no command', () => {
    const news = [
      `12:00:00  ${'acme needs a new refresh token from its provider, then: '}npx renova reseed acme`,
    ];
    const long = { ...acme, credential: 'acme-of-the-very-long-name-that-nobody-types' };
    for (const columns of [20, 40, 80]) {
      const shown = overviewBlock(overview(acme, long), { ...state, columns, news });
      const widths = shown.split('\n').map((line) => stripVTControlCharacters(line).length);
      assert.ok(Math.max(...widths) <= columns, `${columns}: ${widths}`);
    }
    const lines = block(overview(acme), { columns: 60, news }).split('\n');
    assert.match(lines[1] ?? '', /^ {2}acme {8}active .*…$/);
    assert.match(lines.slice(3).join('\n'), /then: npx renova\n {2}reseed acme$|npx renova reseed acme$/);
  });

  test('rounds a time once, so that no minute has 60 seconds', () => {
    const at = (ms: number) =>
      /expires in (.*?) {2}/.exec(block(overview({ ...acme, expiresAtMs: NOW_MS + ms })))?.[1];
    const shown = [299_600, 300_000, 299_400, 119_600, 119_400, 9_960, 9_940].map(at);
    assert.deepEqual(shown, ['5 min', '5 min', '4 min 59 s', '2 min', '119 s', '10 s', '9.9 s']);
  });

  test('keeps its columns aligned beside a long state, a high generation and a long id', () => {
    const others = [
      { ...acme, credential: 'acme-of-the-long-name', generation: 1_234_567 },
      { ...acme, failingSinceMs: 1, reason: 'temporarily_unavailable' },
      { ...acme, state: 'lapsed', expiresAtMs: undefined },
    ];
    const [, ...lines] = block(overview(acme, ...others)).split('\n');
    const rows = lines.slice(0, 4);
    for (const column of [/generation/, /expires|no token/, /lane /]) {
      assert.equal(new Set(rows.map((row) => row.search(column))).size, 1, rows.join('\n'));
    }
  });

  test('tells an expired, a failing, a lapsed and a new credential apart', () => {
    const at = (changes: Partial<CredentialOverview>) => block(overview({ ...acme, ...changes }));
    assert.match(at({ expiresAtMs: NOW_MS }), /expired/);
    assert.match(at({ expiresAtMs: NOW_MS + 1 }), /expires in/);
    assert.match(at({ failingSinceMs: NOW_MS, reason: 'http-503' }), /failing \(http-503\)/);
    assert.match(at({ state: 'lapsed' }), /lapsed/);
    assert.match(at({ expiresAtMs: undefined }), /no token yet/);
    assert.match(block(overview()), /no credential is registered/);
    assert.match(block(overview(acme), { lastTickMs: undefined }), /none yet/);
  });

  test('stays small with many credentials', () => {
    const many = Array.from({ length: 13 }, (_, n) => ({ ...acme, credential: `acme-${n}` }));
    const lines = block(overview(...many)).split('\n');
    assert.equal(lines.length, 13);
    assert.match(lines[11] ?? '', /and 3 more/);
  });

  test('sums up in one line, failing ones counted apart', () => {
    const failing = { ...acme, credential: 'b', failingSinceMs: NOW_MS };
    assert.equal(
      summaryLine(overview(acme, failing)),
      'credentials: 1 active, 1 failing; highest generation 7; quota bs2 3/10',
    );
    assert.match(summaryLine({ credentials: [], quotas: [] }), /^credentials: none; highest generation 0$/);
  });

  const changes: [string, CredentialOverview | undefined, CredentialOverview | undefined, string[]][] = [
    ['nothing', acme, acme, []],
    ['a refresh as any other', acme, { ...acme, generation: 8 }, []],
    ['a registration', undefined, { ...acme, expiresAtMs: undefined }, ['acme: active, 12 lanes']],
    ['a first token', { ...acme, expiresAtMs: undefined }, acme, ['acme: has a token, generation 7']],
    ['a failure', acme, { ...acme, failingSinceMs: 1, reason: 'dns' }, ['acme: failing (dns)']],
    ['the same failure again', { ...acme, failingSinceMs: 1 }, { ...acme, failingSinceMs: 1 }, []],
    ['a recovery', { ...acme, failingSinceMs: 1 }, acme, ['acme: recovered']],
    [
      'a lapse',
      acme,
      { ...acme, state: 'lapsed', reason: 'grant-refused' },
      ['acme: lapsed (grant-refused)'],
    ],
    ['a removal', acme, undefined, ['acme: removed']],
  ];
  for (const [what, before, after, lines] of changes) {
    test(`of ${what} a watcher hears ${lines.length === 0 ? 'nothing' : lines.join()}`, () => {
      const seen = [before, after].map((one) => overview(...(one ? [one] : [])));
      assert.deepEqual(notableChanges(seen[0], seen[1] ?? overview()), lines);
    });
  }
});
