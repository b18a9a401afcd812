import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertTokenUrl, InvalidTokenUrlError } from '../../../shared/token-endpoint/token-url.ts';
import { assertNothingLeaks } from './fixtures.ts';

const ACCEPTED = [
  'https://api.bs2.com/auth/oauth/v2/token',
  'https://provider.example:8443/token?tenant=a',
  'http://localhost:4702/auth/oauth/v2/token',
  'http://127.0.0.1:4702/token',
  'http://127.255.0.9/token',
  'http://[::1]:4702/token',
];

const REFUSED = {
  'plain http to a name': 'http://provider.example/token',
  'plain http to a private address': 'http://10.0.0.1/token',
  'a name that only begins like loopback': 'http://127.0.0.1.provider.example/token',
  'a name under localhost': 'http://localhost.provider.example/token',
  'a place that was to be filled in': 'https://{tenant}.provider.example/token',
  'a list of hosts': 'https://a.example,b.example/token',
  'another scheme': 'ftp://localhost/token',
  'a relative URL': '/auth/oauth/v2/token',
  'nothing at all': '',
  'a user and password': 'https://user:sentinel-password@provider.example/token',
  'a fragment': 'https://provider.example/token#part',
  'an empty fragment': 'https://provider.example/token#',
};

for (const tokenUrl of ACCEPTED) {
  test(`accepts ${tokenUrl}`, () => {
    assert.equal(assertTokenUrl(tokenUrl).href, tokenUrl);
  });
}

for (const [what, tokenUrl] of Object.entries(REFUSED)) {
  test(`refuses ${what}, without repeating it`, () => {
    assert.throws(
      () => assertTokenUrl(tokenUrl),
      (error) => {
        assert.ok(error instanceof InvalidTokenUrlError);
        assert.equal(error.code, 'invalid-token-url');
        assertNothingLeaks(error);
        return true;
      },
    );
  });
}
