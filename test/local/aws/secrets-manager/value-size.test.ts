import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { startEmulator, versionIdOf } from './emulator.ts';

const LIMIT_BYTES = 65_536;

describe('the size of a value', () => {
  let emulator: ReturnType<typeof startEmulator>;
  const request = (value: object) => ({ SecretId: 's', ClientRequestToken: versionIdOf(1), ...value });

  beforeEach(() => {
    emulator = startEmulator();
    emulator.ok('CreateSecret', { Name: 's' });
  });

  const values: [string, (bytes: number) => object][] = [
    ['text', (bytes) => ({ SecretString: 'x'.repeat(bytes) })],
    [
      'text of two bytes a character',
      (bytes) => ({ SecretString: 'é'.repeat(bytes / 2) + 'x'.repeat(bytes % 2) }),
    ],
    ['binary', (bytes) => ({ SecretBinary: Buffer.alloc(bytes, 7).toString('base64') })],
  ];
  for (const [kind, ofSize] of values) {
    it(`may be 65536 bytes of ${kind}`, () => {
      emulator.ok('PutSecretValue', request(ofSize(LIMIT_BYTES)));

      const { SecretString, SecretBinary } = emulator.ok('GetSecretValue', { SecretId: 's' });
      assert.deepEqual(
        Object.values(ofSize(LIMIT_BYTES)),
        [SecretString, SecretBinary].filter((value) => value !== undefined),
      );
    });

    for (const bytes of [0, LIMIT_BYTES + 1]) {
      it(`may not be ${bytes} bytes of ${kind}`, () => {
        assert.equal(emulator.refused('PutSecretValue', request(ofSize(bytes))).type, 'ValidationException');
      });
    }
  }

  it('is compared by its bytes, not by how Base64 spells them', () => {
    emulator.ok('PutSecretValue', request({ SecretBinary: 'AA==' }));

    emulator.ok('PutSecretValue', request({ SecretBinary: 'AA' }));
    assert.equal(emulator.ok('GetSecretValue', { SecretId: 's' }).SecretBinary, 'AA==');
  });
});
