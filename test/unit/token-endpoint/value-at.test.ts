import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePath, placesOf, tokenAt } from '../../../shared/token-endpoint/answer/value-at.ts';

const TOKEN = 'fake-refresh-1';

function at(body: unknown, place: string): string | undefined {
  const path = parsePath(place);
  assert.ok(path, place);
  return tokenAt(typeof body === 'string' ? body : JSON.stringify(body), path);
}

describe('the place of a token in an answer', () => {
  const found: readonly (readonly [what: string, body: unknown, place: string])[] = [
    ['a member', { renewal: TOKEN }, 'renewal'],
    ['a member of members', { data: { tokens: { r: TOKEN } } }, 'data.tokens.r'],
    ['an entry of a list', { data: [{ v: 'x' }, { v: TOKEN }] }, 'data.1.v'],
    ['a name with a dot, by a JSON Pointer', { 'a.b': { 'c/d~': TOKEN } }, '/a.b/c~1d~0'],
    ['text in text', { body: JSON.stringify({ inner: { r: TOKEN } }) }, 'body.inner.r'],
    ['a list at the root', [{ r: TOKEN }], '0.r'],
    ['after a line of text', `OK\n${JSON.stringify({ r: TOKEN })}`, 'r'],
    ['before the end of what was cut off', `{"r":"${TOKEN}","access_tok`, 'r'],
    ['a form', `status=ok&renewal=${TOKEN}`, 'renewal'],
  ];
  for (const [what, body, place] of found) {
    it(`is found in ${what}`, () => assert.equal(at(body, place), TOKEN));
  }

  it('is nowhere where there is no whole text', () => {
    for (const place of ['data', 'data.none', 'data.r.more', 'list.2', 'list.-1', 'no', 'cut', 'empty']) {
      const body = `{"data":{"r":"${TOKEN}"},"list":["a","b"],"no":null,"empty":" ","cut":"fake-refr`;
      assert.equal(at(body, place), undefined, place);
    }
    assert.equal(at(`{"r":"fake-1"}{"r":"fake-2"}`, 'r'), undefined, 'two that differ');
  });

  it('is no empty step, and not deeper than any answer', () => {
    for (const text of ['', '.', 'a..b', '/', '/a//b', Array(21).fill('a').join('.')]) {
      assert.equal(parsePath(text), undefined, text);
    }
  });
});

describe('the places at which a token may lie', () => {
  it('are those of texts, by names of letters, and nothing that the provider sent beside', () => {
    const body = {
      status: 'ok',
      data: { tokens: [{ renewal: TOKEN }], 'fake-token-7f3a9': { x: 'y' }, none: null, more: '{"in":"z"}' },
    };
    assert.deepEqual(placesOf(JSON.stringify(body)), ['status', 'data.tokens.0.renewal', 'data.more.in']);
    assert.deepEqual(placesOf('nothing but text'), []);
    assert.ok(
      placesOf(
        JSON.stringify(
          Object.fromEntries(
            Array.from({ length: 26 * 4 }, (_, n) => [
              `m${'abcdefghijklmnopqrstuvwxyz'[n % 26]}${'x'.repeat(n)}`,
              'v',
            ]),
          ),
        ),
      ).length <= 30,
    );
  });
});
