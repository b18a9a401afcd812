import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { KeyRingError, parseKeyRing } from '../../../shared/sealing/key-ring.ts';
import { open, seal } from '../../../shared/sealing/seal.ts';
import { Secret } from '../../../shared/secret/secret.ts';

const DIGITS = '0123456789abcdef'.repeat(4);
const parse = (stored: unknown) => parseKeyRing('renova/prd/seal/access', new Secret(JSON.stringify(stored)));

describe('a key ring as a stack generates it', () => {
  it('has one key, the current one, of the 32 bytes that 64 hexadecimal digits stand for', () => {
    const ring = parse({ current: '1', key: DIGITS });
    assert.equal(ring.current, '1');
    assert.deepEqual([...ring.keys.keys()], ['1']);
    assert.equal(Buffer.from(ring.keys.get('1') ?? []).toString('hex'), DIGITS);
  });

  it('opens its seals after a rotation has written it out as keys by id', async () => {
    const binding = { credential: 'acme', chain: 'chain-1', generation: 1, use: 'access' } as const;
    const sealed = await seal(
      parse({ current: '1', key: DIGITS }),
      new Secret('fake-access-token-1'),
      binding,
    );
    const rotated = parse({
      current: '2',
      keys: {
        1: Buffer.from(DIGITS, 'hex').toString('base64'),
        2: Buffer.alloc(32, 'fake').toString('base64'),
      },
    });
    assert.equal((await open(rotated, sealed, binding)).reveal(), 'fake-access-token-1');
  });

  it('is read by its keys where it has both forms, so that a rotation cannot be undone by a leftover', () => {
    const key = Buffer.alloc(32, 'fake').toString('base64');
    assert.deepEqual([...parse({ current: '2', keys: { 2: key }, key: DIGITS }).keys.keys()], ['2']);
  });

  it('is refused, never with its digits in the message, when it is not 64 lower-case hexadecimal digits', () => {
    const wrong = [DIGITS.slice(1), `${DIGITS}0`, DIGITS.toUpperCase(), `g${DIGITS.slice(1)}`, '', 1, null];
    for (const key of wrong) {
      assert.throws(
        () => parse({ current: '1', key }),
        (error: unknown) => {
          assert.ok(error instanceof KeyRingError, inspect(key));
          assert.match(error.message, /^renova\/prd\/seal\/access: expected /);
          assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /456789abcde/i);
          return true;
        },
      );
    }
  });

  it('is refused without the id of its key', () => {
    assert.throws(() => parse({ key: DIGITS }), KeyRingError);
  });
});
