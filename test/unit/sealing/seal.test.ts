import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { newKeyRing, parseKeyRing } from '../../../shared/sealing/key-ring.ts';
import { open, SealError, seal } from '../../../shared/sealing/seal.ts';
import { Secret } from '../../../shared/secret/secret.ts';

const ring = parseKeyRing('ring', newKeyRing('key-1'));
const binding = { credential: 'acme', chain: 'chain-1', generation: 7, use: 'refresh' } as const;
const TOKEN = 'fake-refresh-sentinel';
const sealToken = () => seal(ring, new Secret(TOKEN), binding);

describe('a sealed value', () => {
  it('is a compact JWE that says its key and where it belongs, and nothing else', async () => {
    const [header = '', encryptedKey] = (await sealToken()).split('.');
    assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), {
      alg: 'dir',
      enc: 'A256GCM',
      kid: 'key-1',
      ...binding,
    });
    assert.equal(encryptedKey, '');
  });

  it('opens where it belongs', async () => {
    assert.equal((await open(ring, await sealToken(), binding)).reveal(), TOKEN);
  });

  it('opens nowhere else: every member of the binding counts', async () => {
    const sealed = await sealToken();
    const elsewhere = [
      { ...binding, credential: 'acme2' },
      { ...binding, chain: 'chain-2' },
      { ...binding, generation: 8 },
      { ...binding, use: 'access' as const },
      { ...binding, use: 'answer' as const },
    ];
    for (const other of elsewhere) await assertFails(open(ring, sealed, other), 'broken-seal');
  });

  it('does not open with another key of the same id', async () => {
    const other = parseKeyRing('ring', newKeyRing('key-1'));
    await assertFails(open(other, await sealToken(), binding), 'broken-seal');
  });

  it('asks for a ring that knows its key', async () => {
    const other = parseKeyRing('ring', newKeyRing('key-2'));
    await assertFails(open(other, await sealToken(), binding), 'unknown-seal-key');
  });

  it('opens with an old key of a ring that was rotated', async () => {
    const next = parseKeyRing('ring', newKeyRing('key-2'));
    const rotated = { current: 'key-2', keys: new Map([...ring.keys, ...next.keys]) };
    assert.equal((await open(rotated, await sealToken(), binding)).reveal(), TOKEN);
  });

  it('does not open when any bit of any part was changed', async () => {
    const parts = (await sealToken()).split('.').map((part) => Buffer.from(part, 'base64url'));
    for (const [index, part] of parts.entries()) {
      for (let bit = 0; bit < part.length * 8; bit += 1) {
        const altered = Buffer.from(part);
        altered.writeUInt8((part[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
        const sealed = parts
          .map((other, at) => (at === index ? altered : other).toString('base64url'))
          .join('.');
        await assertFails(open(ring, sealed, binding));
      }
    }
  });

  it('does not open when it was cut off, or something was added', async () => {
    const sealed = await sealToken();
    for (let length = 0; length < sealed.length; length += 1) {
      await assertFails(open(ring, sealed.slice(0, length), binding));
    }
    for (const added of [`${sealed}AAAA`, `${sealed}.`, `A${sealed}`, sealed.replace('..', '.AAAA.')]) {
      await assertFails(open(ring, added, binding));
    }
  });

  it('does not open under another algorithm, though the key is right', async () => {
    const [, , ...rest] = (await sealToken()).split('.');
    for (const header of [
      { alg: 'none' },
      { alg: 'A256KW', enc: 'A256GCM' },
      { alg: 'dir', enc: 'A256CBC-HS512' },
    ]) {
      const encoded = Buffer.from(JSON.stringify({ ...header, kid: 'key-1', ...binding })).toString(
        'base64url',
      );
      await assertFails(open(ring, [encoded, '', ...rest].join('.'), binding), 'broken-seal');
    }
  });
});

async function assertFails(opening: Promise<unknown>, code?: SealError['code']): Promise<void> {
  await assert.rejects(opening, (error: unknown) => {
    assert.ok(error instanceof SealError, inspect(error));
    if (code) assert.equal(error.code, code);
    assert.equal(error.cause, undefined);
    assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /sentinel/);
    return true;
  });
}
