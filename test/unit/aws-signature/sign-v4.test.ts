import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RequestToSign, signV4 } from '../../../shared/aws-signature/sign-v4.ts';

const AT_MS = Date.UTC(2015, 7, 30, 12, 36);
/** Those of AWS's examples; they open nothing. */
const EXAMPLE = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SESSION_TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';
const SCOPE = { credentials: EXAMPLE, region: 'us-east-1', service: 'service', nowMs: AT_MS };

/** Of AWS's Signature Version 4 test suite, by the names that they have there. */
const SUITE: readonly Example[] = [
  {
    name: 'get-vanilla',
    request: { method: 'GET' },
    signedHeaders: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    query: '?Param2=value2&Param1=value1',
    request: { method: 'GET' },
    signedHeaders: 'host;x-amz-date',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-query-order-value',
    query: '?Param1=value2&Param1=value1',
    request: { method: 'GET' },
    signedHeaders: 'host;x-amz-date',
    signature: '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  },
  {
    name: 'post-x-www-form-urlencoded',
    request: {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'Param1=value1',
    },
    signedHeaders: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-sts-header-before',
    request: { method: 'POST' },
    sessionToken: SESSION_TOKEN,
    signedHeaders: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
];

describe('a signed request', () => {
  for (const { name, query = '', request, sessionToken, signedHeaders, signature } of SUITE) {
    it(`has the signature of AWS’s example ${name}`, async () => {
      const url = new URL(`https://example.amazonaws.com/${query}`);
      const credentials = { ...EXAMPLE, sessionToken };
      const headers = await signV4({ ...request, url }, { ...SCOPE, credentials });
      assert.equal(headers['x-amz-date'], '20150830T123600Z');
      assert.equal(headers['x-amz-security-token'], sessionToken);
      assert.equal(
        headers.authorization,
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
      );
    });
  }

  it('keeps the headers it was given, and leaves the host to the client', async () => {
    const url = new URL('https://api.example/tokens/acme');
    const given = { 'if-none-match': '"3"', 'content-type': 'application/json' };
    const { authorization, ...headers } = await signV4({ method: 'GET', url, headers: given }, SCOPE);
    assert.deepEqual(headers, { ...given, 'x-amz-date': '20150830T123600Z' });
    assert.match(String(authorization), /SignedHeaders=content-type;host;if-none-match;x-amz-date,/);
  });
});

interface Example {
  readonly name: string;
  readonly query?: string;
  readonly request: Omit<RequestToSign, 'url'>;
  readonly sessionToken?: string;
  readonly signedHeaders: string;
  readonly signature: string;
}
