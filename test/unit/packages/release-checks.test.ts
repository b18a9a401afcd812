import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { projectManifest, ROOT } from '../../../packages/project.ts';
import { hindrances, type ReleaseState, releaseNotes } from '../../../packages/release-checks.ts';
import { VERSION } from '../../../shared/config/version.ts';

const CHANGELOG =
  '# Changelog\n\n## 1.2.0 - 2026-12-31\n\n### Added\n\n- A thing.\n\n## 1.1.0 - 2026-11-30\n\n- Old.\n';
const READY: ReleaseState = {
  versions: { 'package-lock.json': '1.2.0' },
  changelog: CHANGELOG,
  tags: ['v1.2.0'],
  changedFiles: [],
};

describe('a release', () => {
  it('is ready when version, changelog and tag agree', () => {
    assert.deepEqual(hindrances('1.2.0', READY), []);
    assert.deepEqual(
      hindrances('1.2.0', { ...READY, changelog: CHANGELOG.replace('1.2.0 -', '[1.2.0] -') }),
      [],
    );
  });

  const cases: [what: string, state: Partial<ReleaseState>, sentence: RegExp][] = [
    [
      'another version in a file',
      { versions: { 'a.ts': '1.1.0' } },
      /^a\.ts: expected version 1\.2\.0, found 1\.1\.0/,
    ],
    [
      'no version in a file',
      { versions: { 'a.ts': undefined } },
      /^a\.ts: expected version 1\.2\.0, found none/,
    ],
    [
      'no section',
      { changelog: '## Unreleased\n\n- A thing.\n' },
      /^CHANGELOG\.md: expected a heading "## 1\.2\.0/,
    ],
    [
      'a section of 11.2.0',
      { changelog: CHANGELOG.replace('## 1.2.0', '## 11.2.0') },
      /^CHANGELOG\.md: expected a heading/,
    ],
    [
      'no date',
      { changelog: CHANGELOG.replace(' - 2026-12-31', ' ') },
      /^CHANGELOG\.md: expected the date of 1\.2\.0/,
    ],
    [
      'an empty section',
      { changelog: CHANGELOG.replace('- A thing.', '') },
      /^CHANGELOG\.md: expected what is new in 1\.2\.0/,
    ],
    ['no tag', { tags: ['v1.1.0', ''] }, /^git: expected the tag v1\.2\.0/],
    ['a changed file', { changedFiles: [' M a.ts'] }, /^git: expected no change beside the commit, found 1/],
  ];
  for (const [what, state, sentence] of cases) {
    it(`is hindered by ${what}, and says what to do`, () => {
      const found = hindrances('1.2.0', { ...READY, ...state });
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', sentence);
    });
  }

  it('has the notes of its version alone', () => {
    assert.equal(releaseNotes('1.2.0', CHANGELOG), '### Added\n\n- A thing.\n');
  });
});

it('every package has one version', () => {
  const { version } = projectManifest();
  const python = readFileSync(`${ROOT}/client/python/renova_client/version.py`, 'utf8');
  assert.equal(VERSION, version);
  assert.ok(python.includes(`__version__ = "${version}"`));
});
