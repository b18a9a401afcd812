// That each sentence of the providers' pages is named in a test, as docs/providers.md says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const [, said = ''] = read('docs/providers.md').split('### What the pages say, sentence by sentence');

/** Each list of the document, with the test file that its lead-in names. */
const lists = [...said.matchAll(/`(test\/[^`]+)`:\n\n((?:- .+\n)+)/g)].map(([, file = '', list = '']) => ({
  file,
  sentences: list
    .trim()
    .split('\n')
    .map((line) => line.slice(2)),
}));

test('both documents are there, whole', () => {
  assert.deepEqual(
    lists.map(({ file, sentences }) => [file, sentences.length]),
    [
      ['test/local/sandboxes/bs2/bs2-document.test.ts', 19],
      ['test/local/sandboxes/bsn/bsn-document.test.ts', 9],
      ['test/providers/bsn.test.ts', 7],
    ],
  );
});

for (const { file, sentences } of lists) {
  for (const sentence of sentences) {
    test(`a test names it: ${sentence}`, () => {
      assert.ok(read(file).toLowerCase().includes(sentence.toLowerCase()), `${file} does not name it`);
    });
  }
}
