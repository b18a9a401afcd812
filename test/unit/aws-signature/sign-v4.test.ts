import assert from 'node:assert/strict';
import { type BinaryLike, createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { signV4 } from '../../../shared/aws-signature/sign-v4.ts';

const AT_MS = Date.UTC(2015, 7, 30, 12, 36);
/** Those of the documentation's examples; they open nothing. */
const EXAMPLE = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const SCOPE = { credentials: EXAMPLE, region: 'us-east-1', service: 'service', nowMs: AT_MS };

describe('a signed request', () => {
  it('has the signature of AWS’s own example', () => {
    const url = new URL('https://example.amazonaws.com/');
    assert.deepEqual(signV4({ method: 'GET', url }, SCOPE), {
      'x-amz-date': '20150830T123600Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    });
  });

  it('has the signature that the SDK gives it, whatever its path, query, body and credentials', async () => {
    const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 });
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST'),
      segments: fc.array(
        word.filter((text) => text !== '.' && text !== '..'),
        { maxLength: 4 },
      ),
      query: fc.dictionary(word, word, { maxKeys: 3 }),
      body: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      sessionToken: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
      atMs: fc.integer({ min: 0, max: 4e12 }),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, segments, query, body, sessionToken, atMs }) => {
        const url = new URL(`https://api.example/${segments.map(encodeURIComponent).join('/')}`);
        for (const [name, value] of Object.entries(query)) url.searchParams.append(name, value);
        const headers = { 'Content-Type': 'application/json' };
        const credentials = { ...EXAMPLE, sessionToken };
        const scope = { ...SCOPE, service: 'execute-api', credentials, nowMs: atMs };

        const ours = signV4({ method, url, headers, body }, scope);

        const theirs = await sdkAuthorization({ method, url, query, headers, body }, scope);
        assert.equal(ours.authorization, theirs);
      }),
    );
  });

  it('keeps the headers it was given, and leaves the host to the client', () => {
    const url = new URL('https://api.example/tokens/acme');
    const headers = signV4({ method: 'GET', url, headers: { 'If-None-Match': '"3"' } }, SCOPE);
    assert.equal(headers['if-none-match'], '"3"');
    assert.equal('host' in headers, false);
  });
});

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

async function sdkAuthorization({ method, url, query, headers, body }: Request, scope: typeof SCOPE) {
  const signer = new SignatureV4({ ...scope, sha256: Sha256, applyChecksum: false });
  const request = {
    method,
    protocol: 'https:',
    hostname: url.host,
    path: url.pathname,
    query,
    headers: { ...headers, host: url.host },
    body,
  };
  const signed = await signer.sign(request, { signingDate: new Date(scope.nowMs) });
  return signed.headers.authorization;
}

class Sha256 {
  readonly #hash;

  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as BinaryLike);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error('not used');
  }
}
