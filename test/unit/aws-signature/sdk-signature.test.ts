import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { signV4 } from '../../../shared/aws-signature/sign-v4.ts';

const CREDENTIALS = { accessKeyId: 'fake-key', secretAccessKey: 'fake-secret' };
const OTHER = { accessKeyId: 'fake-key', secretAccessKey: 'fake-secret-of-another' };

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  path: fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 5 }),
  query: fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.string({ maxLength: 6 })), {
    maxLength: 4,
  }),
  accept: fc.stringMatching(/^[ -~]{0,20}$/),
  body: fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined }),
  region: fc.constantFrom('sa-east-1', 'us-east-1'),
  service: fc.constantFrom('execute-api', 'dynamodb'),
  sessionToken: fc.option(fc.constant('fake-session-token'), { nil: undefined }),
  atMs: fc.oneof(
    fc.constantFrom(Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2) - 1, Date.UTC(2026, 0, 2)),
    fc.integer({ min: 0, max: Date.UTC(2100, 0) }),
  ),
});

test('any request has the signature that the SDK’s own signer makes, whoever signed before', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async (given) => {
      const { method, path, query, accept, body, sessionToken, region, service, atMs } = given;
      const url = new URL(`https://api.example/${path.map(encodeURIComponent).join('/')}`);
      for (const [name, value] of query) url.searchParams.append(name || 'x', value);
      const credentials = { ...CREDENTIALS, sessionToken };
      const headers = { accept, 'user-agent': 'fake-agent', 'if-none-match': '"3"' };
      const scope = { credentials, region, service };

      signV4({ method, url }, { ...scope, credentials: OTHER, nowMs: atMs });
      const ours = signV4({ method, url, headers, body }, { ...scope, nowMs: atMs });

      const signer = new SignatureV4({ ...scope, sha256: Sha256, applyChecksum: false });
      const names = [...new Set(url.searchParams.keys())];
      const request = {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)])),
        headers: { ...headers, host: url.host },
        body,
      };
      const theirs = await signer.sign(request, { signingDate: new Date(atMs) });
      assert.equal(ours.authorization, theirs.headers.authorization);
    }),
  );
});
