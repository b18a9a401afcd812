import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readDefiniteMembers } from '../../../shared/token-endpoint/cut-off-json.ts';

const read = (text: string) => Object.fromEntries(readDefiniteMembers(text).members);

const CASES: Record<string, [text: string, members: Record<string, unknown>, closed?: true]> = {
  'a string whose quote is not closed is not read': ['{"a":"1","b":"2', { a: '1' }],
  'a string whose quote is the last character is read': ['{"a":"1","b":"2"', { a: '1', b: '2' }],
  'an escaped quote does not close a string': [String.raw`{"a":"1\"`, {}],
  'an escaped backslash before the quote does': [String.raw`{"a":"1\\"`, { a: '1\\' }],
  'escapes are decoded': [String.raw`{"a":"\u0041\n\/"`, { a: 'A\n/' }],
  'a cut inside an escape is not read': [String.raw`{"a":"1\u00`, {}],
  'a number that may go on is not read': ['{"a":30', {}],
  'a number that has ended is read': ['{"a":300,', { a: 300 }],
  'a word that may go on is not read': ['{"a":null', {}],
  'a nested object is one value': ['{"a":{"b":"2","c":["}"]},"d":"1', { a: { b: '2', c: ['}'] } }],
  'a member of a nested object that is cut off is not read': ['{"a":{"b":"2"', {}],
  'brackets that do not match are not read': ['{"a":[1},"b":"2"', {}],
  'a bad escape ends the reading': [String.raw`{"a":"1","b":"\x","c":"3"`, { a: '1' }],
  'a line break in a string ends the reading': ['{"a":"1","b":"2\n","c":"3"', { a: '1' }],
  'a name that comes twice makes everything uncertain': ['{"a":"1","b":"2","a":"3"', {}],
  'what follows the closing brace is ignored': ['{"a":"1"}{"b":"2"}', { a: '1' }, true],
  'white space is allowed everywhere': [' {\n "a" :\t"1" ,\r\n"b": [ ] } ', { a: '1', b: [] }, true],
  'an empty object is closed': ['{ }', {}, true],
  'an array is no object': ['["a","b"]', {}],
  'nothing is nothing': ['', {}],
  'a bare name is nothing': ['{"a"', {}],
};

for (const [behaviour, [text, members, closed = false]] of Object.entries(CASES)) {
  test(behaviour, () => {
    assert.deepEqual(read(text), members);
    assert.equal(readDefiniteMembers(text).closed, closed);
  });
}

const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: false });

test('a whole object reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(anyObject, fc.constantFrom(0, 1, '\t'), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      const { members, closed } = readDefiniteMembers(text);
      assert.deepEqual([...members], Object.entries(JSON.parse(text)));
      assert.equal(closed, true);
    }),
  );
});

test('wherever an object is cut off, each member that is read is one of the original', () => {
  fc.assert(
    fc.property(anyObject, (object) => {
      const text = JSON.stringify(object);
      const original = new Map(Object.entries(JSON.parse(text)));
      for (let length = 0; length < text.length; length++) {
        const { members, closed } = readDefiniteMembers(text.slice(0, length));
        assert.equal(closed, false);
        for (const [name, value] of members) assert.deepEqual(value, original.get(name));
      }
    }),
  );
});

test('text that never ends a value is read in linear time', () => {
  const long = 1 << 20;
  for (const text of [
    '"'.padEnd(long, '\\'),
    '['.repeat(long),
    `[${'"",'.repeat(long / 3)}`,
    '1'.repeat(long),
  ]) {
    assert.deepEqual(read(`{"a":${text}`), {});
  }
});
