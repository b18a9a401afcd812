import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createTokenSource, type TokenSourceOptions } from '../../../client/index.ts';

it('a source that cannot work is refused when it is made, with the option and without its value', () => {
  const api = { credential: 'acme', via: 'read-api', url: 'https://api.example' };
  const secrets = { credential: 'acme', via: 'secrets-manager', env: 'prd' };
  const cases: [options: object, code: string, message: RegExp][] = [
    [{ ...api, credential: 'fake/../x' }, 'invalid-option', /^credential: expected /],
    [{ ...api, credential: undefined }, 'invalid-option', /^credential: expected /],
    [{ ...api, via: 'fake-door' }, 'invalid-option', /^via: expected /],
    [{ ...api, url: undefined }, 'invalid-option', /^url: expected /],
    [{ ...api, url: 'http://fake.example' }, 'insecure-url', /https/],
    [{ ...api, graceSeconds: -1 }, 'invalid-option', /^graceSeconds: expected /],
    [{ ...api, graceSeconds: Number.NaN }, 'invalid-option', /^graceSeconds: expected /],
    [{ ...secrets, env: undefined }, 'invalid-option', /^env: expected /],
    [{ ...secrets, env: 'fake/env' }, 'invalid-option', /^env: expected /],
    [{ ...secrets, dayMs: 0 }, 'invalid-option', /^dayMs: expected /],
    [{ ...secrets, readApi: { url: 'http://fake.example' } }, 'insecure-url', /https/],
  ];
  for (const [options, code, message] of cases) {
    const error = (thrown: Error & { readonly code: string }) => {
      assert.equal(thrown.name, 'TokenError');
      assert.equal(thrown.code, code);
      assert.match(thrown.message, message);
      assert.doesNotMatch(thrown.message, /fake/);
      return true;
    };
    assert.throws(() => createTokenSource(options as TokenSourceOptions), error);
  }
  createTokenSource({ ...api, graceSeconds: 0 } as TokenSourceOptions);
  createTokenSource({ ...secrets, dayMs: 2880 } as TokenSourceOptions);
});
