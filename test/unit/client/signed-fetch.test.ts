import assert from 'node:assert/strict';
import { it } from 'node:test';
import { signedFetch } from '../../../client/index.ts';
import type { FetchInit } from '../../../client/read-api-door.ts';
import { signV4 } from '../../../shared/aws-signature/sign-v4.ts';

it('a signed fetch signs for API Gateway, with the credentials of the moment', async () => {
  const sent: FetchInit[] = [];
  let keys = 0;
  const fetch = signedFetch({
    region: 'sa-east-1',
    credentials: async () => ({ accessKeyId: `fake-key-${++keys}`, secretAccessKey: 'fake-secret' }),
    fetch: async (_, init) => {
      sent.push(init);
      return new Response();
    },
    nowMs: () => 0,
  });
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"generation":1}',
  };
  const url = 'https://api.example/tokens/acme/refused';

  for (let at = 0; at < 2; at += 1) await fetch(url, { ...request, signal: new AbortController().signal });

  for (const [at, init] of sent.entries()) {
    const credentials = { accessKeyId: `fake-key-${at + 1}`, secretAccessKey: 'fake-secret' };
    const scope = { credentials, region: 'sa-east-1', service: 'execute-api', nowMs: 0 };
    assert.deepEqual(init.headers, await signV4({ ...request, url: new URL(url) }, scope));
    assert.equal(init.body, request.body);
  }
});
