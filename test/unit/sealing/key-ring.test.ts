import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { KeyRingError, newKeyRing, parseKeyRing } from '../../../shared/sealing/key-ring.ts';
import { Secret } from '../../../shared/secret/secret.ts';

const KEY = Buffer.alloc(32, 'sentinel').toString('base64');
const parse = (stored: unknown) =>
  parseKeyRing(
    'renova/prd/seal/access',
    new Secret(typeof stored === 'string' ? stored : JSON.stringify(stored)),
  );

describe('a key ring', () => {
  it('has a current key and every other key by its id', () => {
    const ring = parse({ current: 'b', keys: { a: KEY, b: KEY } });
    assert.equal(ring.current, 'b');
    assert.deepEqual([...ring.keys.keys()], ['a', 'b']);
    assert.equal(Buffer.from(ring.keys.get('a') ?? []).toString('base64'), KEY);
  });

  it('can be made new, with one random key of 32 bytes', () => {
    const [first, second] = [newKeyRing('k'), newKeyRing('k')].map((stored) => parseKeyRing('ring', stored));
    assert.equal(first?.current, 'k');
    assert.equal(first?.keys.get('k')?.length, 32);
    assert.notDeepEqual(first?.keys.get('k'), second?.keys.get('k'));
  });

  it('is refused, naming the secret and never a key, when it is anything else', () => {
    const bytes = (count: number) => Buffer.alloc(count, 'sentinel').toString('base64');
    const wrong: readonly [unknown, RegExp][] = [
      ['', /expected \{"current", "keys"\}/],
      ['sentinel', /expected \{"current", "keys"\}/],
      [null, /expected/],
      [[], /expected/],
      [{ current: 'a' }, /expected/],
      [{ keys: { a: KEY } }, /expected/],
      [{ current: 1, keys: { a: KEY } }, /expected/],
      [{ current: 'a', keys: { a: 'sentinel!' } }, /expected/],
      [{ current: 'a', keys: { a: bytes(31) } }, /key a must have 32 bytes/],
      [{ current: 'a', keys: { a: bytes(33) } }, /key a must have 32 bytes/],
      [{ current: 'a', keys: { a: '' } }, /key a must have 32 bytes/],
      [{ current: 'b', keys: { a: KEY } }, /"current" must name one of "keys"/],
      [{ current: 'a', keys: {} }, /"current" must name one of "keys"/],
      [{ current: 'constructor', keys: { a: KEY } }, /"current" must name one of "keys"/],
    ];
    for (const [stored, expected] of wrong) {
      assert.throws(
        () => parse(stored),
        (error: unknown) => {
          assert.ok(error instanceof KeyRingError, inspect(stored));
          assert.equal(error.code, 'invalid-key-ring');
          assert.match(error.message, /^renova\/prd\/seal\/access: /);
          assert.match(error.message, expected);
          assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /sentinel|c2VudGluZWw/);
          return true;
        },
      );
    }
  });
});
