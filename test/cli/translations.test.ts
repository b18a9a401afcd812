// That a page in Portuguese says what the English one does: the same sections, commands, outputs, codes, and links both ways.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { EVENT_TYPES } from '../../shared/config/events.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (page: string) => readFileSync(new URL(page, ROOT), 'utf8');

/** Pages in Portuguese, each with the English one; these are sections that a page gives in another way. */
const OWN_SECTIONS: Readonly<Record<string, readonly string[]>> = {
  // Where a person who reads Portuguese goes on; the English table is of the folders of the code.
  'README.pt-BR.md': ['Encontre seu caminho'],
};
const TRANSLATIONS = globSync('{*.{pt,pt-BR}.md,docs/**/*.{pt,pt-BR}.md}', { cwd: fileURLToPath(ROOT) });

interface Section {
  readonly level: number;
  readonly title: string;
  readonly text: string;
}

describe('a page in Portuguese', () => {
  test('is there of the README, the handbook and the pages of providers', () => {
    assert.deepEqual(TRANSLATIONS.toSorted(), [
      'README.pt-BR.md',
      'docs/operations.pt-BR.md',
      'docs/providers/brightsign.pt.md',
      'docs/providers/bs2.pt.md',
    ]);
  });

  for (const page of TRANSLATIONS) {
    const english = page.replace(/\.pt(?:-BR)?\.md$/, '.md');

    test(`${page} and the English one lead to each other`, () => {
      assert.ok(read(page).includes(`](${basename(english)})`), page);
      assert.ok(read(english).includes(`](${basename(page)})`), english);
    });

    test(`${page} has the sections of the English one, those of alerts under the same anchors`, () => {
      const [theirs, ours] = [sectionsOf(english), sectionsOf(page)];
      const kind = ({ level, title }: Section) => `${'#'.repeat(level)} ${isFixed(title) ? title : '…'}`;
      assert.deepEqual(ours.map(kind), theirs.map(kind));
    });

    for (const [index, section] of sectionsOf(english).entries()) {
      const own = sectionsOf(page)[index];
      if (own && OWN_SECTIONS[page]?.includes(own.title)) continue;

      test(`${page} has the commands, outputs and codes of "${section.title}"`, () => {
        assert.ok(own, 'the section is missing');
        assert.deepEqual(
          blocksOf(own.text),
          blocksOf(section.text),
          `not as in ${english}: copy what changed`,
        );
        const [has, needs] = [codesOf(own.text), codesOf(section.text)];
        for (const code of needs)
          assert.ok(has.includes(code), `\`${code}\` of ${english} is missing: say it in Portuguese too`);
        // It may name a word of the program's outputs besides, but no command that the other page does not have.
        for (const code of has) assert.ok(needs.includes(code) || !code.includes(' '), `\`${code}\` besides`);
      });
    }
  }
});

/** A heading that links of alerts, or of the program, lead to. */
function isFixed(title: string): boolean {
  return title.includes('`') || (EVENT_TYPES as readonly string[]).includes(title);
}

function sectionsOf(page: string): Section[] {
  const parts = withoutHeadingsInCode(read(page)).split(/^(?=#{1,6} )/m);
  return parts.map((part) => {
    const [, hashes = '', title = ''] = /^(#{1,6}) (.*)/.exec(part) ?? [];
    return { level: hashes.length, title, text: part.replace(/^#.*\n/, '').replaceAll('\u0000', '#') };
  });
}

/** A comment of a shell is no heading. */
function withoutHeadingsInCode(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, (block) => block.replaceAll(/^#/gm, '\u0000'));
}

/** Blocks of code without what is for people: comments, and what stands for a value of theirs. A drawing has words. */
function blocksOf(text: string): string[] {
  return [...text.matchAll(/^ *```([\s\S]*?)^ *```$/gm)]
    .map(([, block = '']) => block)
    .filter((block) => !block.startsWith('mermaid'))
    .map((block) =>
      block
        .replaceAll(/ +# .*$/gm, '')
        .replaceAll(/<[^>\n]+>/g, '<>')
        .trim(),
    );
}

function codesOf(text: string): string[] {
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code.replaceAll(/<[^>\n]+>/g, '<>'));
}
