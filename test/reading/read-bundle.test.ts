import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { BARE_CLIENTS, type Bundle, bundle, READ_FUNCTION } from '../support/bundle.ts';

/** What the read function must not be able to do, by the code that would do it. */
const FOREIGN = [
  /^shared\/token-endpoint\//,
  /^shared\/refresh\//,
  /^shared\/provider\//,
  /^shared\/quota\//,
  /^shared\/admin\//,
  /^shared\/vault\//,
  /oauth4webapi/,
  /client-(dynamodb|secrets-manager|lambda|eventbridge|sts|sso)/,
  /credential-provider-(ini|process|sso|web-identity|login)|credential-provider-imds/,
];

describe('the bundle of the read function', () => {
  let read: Bundle;
  let bare: Bundle;
  before(async () => {
    read = await bundle(READ_FUNCTION);
    bare = await bundle(BARE_CLIENTS, { credentialChain: true });
  });

  it('holds no code that talks to a token endpoint, holds a client secret or publishes a token', () => {
    const files = [...read.inputs].filter(([, bytes]) => bytes > 0).map(([path]) => path);
    assert.ok(files.includes('shared/read/read-token.ts'), 'it is the read function');
    assert.deepEqual(
      files.filter((file) => FOREIGN.some((pattern) => pattern.test(file))),
      [],
    );
    assert.doesNotMatch(read.text, /grant_type|client_secret|oauth/i);
  });

  it('is less than half of a bundle of the two bare SDK clients', () => {
    assert.ok(read.text.length < bare.text.length / 2, `${read.text.length} of ${bare.text.length} bytes`);
    // Importing it loads all of fetch, which takes longer than the rest.
    assert.doesNotMatch(read.text, /from\s*"(?:node:)?https?"/);
  });
});
