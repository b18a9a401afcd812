import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { benchmarksPage } from '../../bench/page.ts';
import { SECTIONS } from '../../bench/sections.ts';

const PAGE = readFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');

describe('docs/benchmarks.md', () => {
  it('is of one run, and has what each section says and how it was made', () => {
    assert.match(PAGE, /^\d{4}-\d\d-\d\d, Node v24\.\d+\.\d+, .*, \d+ cores \(.+\), \d+ minutes\./m);
    const headings = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    assert.deepEqual(
      headings,
      SECTIONS.map(({ title }) => title),
      'write it anew: npm run bench',
    );
    for (const { name, text } of SECTIONS) {
      assert.ok(PAGE.includes(`\`npm run bench -- ${name}\``), name);
      assert.ok(PAGE.includes(text), `${name}: write it anew: npm run bench`);
    }
  });

  it('is made of what a run measured alone', () => {
    const [section] = SECTIONS;
    assert.ok(section);
    const figures = { columns: ['who', 'p50'], rows: [['reader', '1.0 ms']], remarks: ['It is fast.'] };
    const page = benchmarksPage({
      atMs: Date.UTC(2026, 0, 2),
      seconds: 90,
      measured: [{ section, figures }],
    });
    assert.match(page, /^2026-01-02, .* 2 minutes\./m);
    assert.ok(page.includes('| who | p50 |\n| --- | --- |\n| reader | 1.0 ms |\n\nIt is fast.'));
  });
});
