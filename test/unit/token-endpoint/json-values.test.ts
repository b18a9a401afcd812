import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isArray,
  isObject,
  JsonNumber,
  type JsonValue,
  readJson,
} from '../../../shared/token-endpoint/answer/json-values.ts';

/** The value as JSON.parse would give it; what could not be read is undefined. */
function plainOf(value: JsonValue | undefined): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (isArray(value)) return value.entries.map(plainOf);
  if (isObject(value)) {
    return Object.fromEntries([...value.members].map(([name, member]) => [name, plainOf(member)]));
  }
  return typeof value === 'object' && value !== null ? undefined : value;
}

const CASES: Record<string, [text: string, value: unknown, came: 'whole' | 'cut-off' | 'spoilt']> = {
  'a string whose quote is not closed is not read': ['{"a":"1","b":"2', { a: '1' }, 'cut-off'],
  'a string whose quote is the last character is read': ['{"a":"1","b":"2"', { a: '1', b: '2' }, 'cut-off'],
  'an escaped quote does not close a string': [String.raw`{"a":"1\"`, {}, 'cut-off'],
  'an escaped backslash before the quote does': [String.raw`{"a":"1\\"`, { a: '1\\' }, 'cut-off'],
  'escapes are decoded': [String.raw`{"a":"\u0041\n\/"`, { a: 'A\n/' }, 'cut-off'],
  'a cut inside an escape is not read': [String.raw`{"a":"1\u00`, {}, 'cut-off'],
  'a cut behind a backslash is not read': ['{"a":"1\\', {}, 'cut-off'],
  'a number that may go on is not read': ['{"a":30', {}, 'cut-off'],
  'a number that has ended is read': ['{"a":300,', { a: 300 }, 'cut-off'],
  'a word that may go on is not read': ['{"a":null', {}, 'cut-off'],
  'a nested object is read': ['{"a":{"b":"2","c":["}"]},"d":"1', { a: { b: '2', c: ['}'] } }, 'cut-off'],
  'a nested object that is cut off is read as far as it came': [
    '{"a":{"b":"2"',
    { a: { b: '2' } },
    'cut-off',
  ],
  'brackets that do not match end the reading': ['{"a":[1},"b":"2"', { a: [1] }, 'spoilt'],
  'a bad escape costs its value': [
    String.raw`{"a":"1","b":"\x","c":"3"}`,
    { a: '1', b: undefined, c: '3' },
    'whole',
  ],
  'a line break in a string costs its value': ['{"a":"1\n","c":"3"}', { a: undefined, c: '3' }, 'whole'],
  'a word that is no JSON costs its value': [
    '{"a":undefined,"b":NaN}',
    { a: undefined, b: undefined },
    'whole',
  ],
  'two words end the reading': ['{"a":1,"b":not now}', { a: 1, b: undefined }, 'spoilt'],
  'a name without quotes ends the reading': ['{"a":1,b:2}', { a: 1 }, 'spoilt'],
  'of a name that comes twice the last counts': ['{"a":"1","a":"3"}', { a: '3' }, 'whole'],
  'what follows the closing brace is left': ['{"a":"1"}{"b":"2"}', { a: '1' }, 'whole'],
  'a comma too many is no matter': ['{"a":"1",}', { a: '1' }, 'whole'],
  'white space is allowed everywhere': [' {\n "a" :\t"1" ,\r\n"b": [ ] } ', { a: '1', b: [] }, 'whole'],
  'nothing is cut off': ['', undefined, 'cut-off'],
  'a brace in a text is none of an object': ['{x', {}, 'spoilt'],
  'an array is read': ['["a",{"b":1}]', ['a', { b: 1 }], 'whole'],
  'nesting has an end': ['['.repeat(100), undefined, 'spoilt'],
};

for (const [behaviour, [text, value, came]] of Object.entries(CASES)) {
  test(behaviour, () => {
    const read = readJson(text);
    if (value !== undefined) assert.deepEqual(plainOf(read.value), value);
    assert.equal(read.came, came);
  });
}

test('a number keeps its digits', () => {
  const read = readJson('{"a":12345678901234567890}');
  assert.ok(isObject(read.value));
  const number = read.value.members.get('a');
  assert.ok(number instanceof JsonNumber);
  assert.equal(number.text, '12345678901234567890');
});

test('a name that came twice with different values is noted', () => {
  for (const [text, repeated] of [
    ['{"a":"1","a":"2"', ['a']],
    ['{"a":"1","a":"1"', []],
  ] as const) {
    const { value } = readJson(text);
    assert.ok(isObject(value));
    assert.deepEqual([...value.repeated], repeated);
  }
});

const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 5 }), {
  noNullPrototype: false,
});

test('a whole object reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(anyObject, fc.constantFrom(0, 1, '\t'), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      const { value, came, end } = readJson(text);
      assert.equal(came, 'whole');
      assert.equal(end, text.length);
      assert.deepEqual(plainOf(value), plainOf(readJson(JSON.stringify(JSON.parse(text))).value));
      assert.equal(JSON.stringify(plainOf(value)), JSON.stringify(JSON.parse(text)));
    }),
  );
});

/** True if nothing is in `part` that is not in `whole`, at the same place. */
function isPartOf(part: unknown, whole: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(part, whole) || part === whole;
  if (typeof whole !== 'object' || whole === null || Array.isArray(part) !== Array.isArray(whole))
    return false;
  return Object.entries(part).every(([name, value]) => isPartOf(value, Reflect.get(whole, name)));
}

test('wherever an object is cut off, what is read is a part of the original', () => {
  fc.assert(
    fc.property(anyObject, (object) => {
      const text = JSON.stringify(object);
      const original = JSON.parse(text);
      for (let length = 0; length < text.length; length++) {
        const { value, came } = readJson(text.slice(0, length));
        assert.equal(came, 'cut-off');
        assert.ok(isPartOf(plainOf(value) ?? {}, original));
      }
    }),
  );
});

// With a reader that is quadratic these would run for minutes.
test('text that never ends a value is read in linear time', () => {
  const long = 1 << 20;
  for (const text of ['"'.padEnd(long, '\\'), `[${'"",'.repeat(long / 3)}`, '1'.repeat(long)]) {
    assert.equal(readJson(`{"a":${text}`).came, 'cut-off');
  }
  assert.equal(readJson(`{"a":${'['.repeat(long)}`).came, 'spoilt');
});
