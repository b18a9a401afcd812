import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { format, inspect } from 'node:util';
import { Secret } from '../../../shared/secret/secret.ts';

const secret = new Secret('fake-sentinel');

describe('a secret', () => {
  it('is revealed by name only', () => {
    assert.equal(secret.reveal(), 'fake-sentinel');
  });

  it('prints as redacted, however it gets into a text', () => {
    const texts = [
      `${secret}`,
      String(secret),
      `${[secret]}`,
      secret.toString(),
      JSON.stringify({ secret, deep: [{ secret }] }),
      inspect(secret),
      inspect({ deep: { deeper: { deepest: { secret } } } }, { depth: null, showHidden: true }),
      format('%s %o %O %j', secret, secret, secret, secret),
      inspect(new Error('broken', { cause: secret })),
      inspect(new Map([[secret, secret]])),
    ];
    for (const text of texts) {
      assert.match(text, /\[redacted\]/);
      assert.doesNotMatch(text, /sentinel/);
    }
  });

  it('has no property that a copy or a walk over its members could take along', () => {
    assert.deepEqual(Reflect.ownKeys(secret), []);
    assert.doesNotMatch(JSON.stringify({ ...secret }), /sentinel/);
    assert.doesNotMatch(inspect(Object.assign({}, secret)), /sentinel/);
    assert.doesNotMatch(inspect(secret, { customInspect: false, showHidden: true }), /sentinel/);
  });

  it('cannot be cloned into another thread or process with its value', () => {
    assert.doesNotMatch(inspect(structuredClone(secret)), /sentinel/);
  });
});
