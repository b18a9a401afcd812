import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { signV4 } from '../../../shared/aws-signature/sign-v4.ts';
import { RefreshServiceError } from '../../../shared/refresh-service/refresh-service.ts';
import { SignedRefreshService } from '../../../shared/refresh-service/signed-refresh-service.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { expectedSignature } from './expected-signature.ts';

const credentials = {
  accessKeyId: 'fake-key-id',
  secretAccessKey: 'fake-secret-key',
  sessionToken: 'fake-session',
};
const FUNCTION_NAME = 'renova-prd-refresh:readers';
const INVOKE_PATH = '/2015-03-31/functions/renova-prd-refresh%3Areaders/invocations';
const REQUEST = { credential: 'acme', ifGeneration: 7, refused: true, waitMs: 20 };

describe('asking the refresh function by a signed invoke', () => {
  it('sends the message of the contract, signed for Lambda, and resolves with the answer', async (t) => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    const { service, endpoint, clock } = await serviceOn(t, async (request, response) => {
      seen.push({ request, body: await text(request) });
      response.end('{"result":"refreshed","generation":8}');
    });

    assert.deepEqual(await service.refresh(REQUEST), { result: 'refreshed', generation: 8 });

    const [{ request, body }] = seen as [(typeof seen)[0]];
    assert.equal(request.url, INVOKE_PATH);
    assert.deepEqual(JSON.parse(body), {
      action: 'refresh',
      credential: 'acme',
      if_generation: 7,
      refused: true,
      wait_ms: 20,
    });
    const expected = await signV4(
      {
        method: 'POST',
        url: new URL(endpoint + request.url),
        headers: { 'content-type': 'application/json' },
        body,
      },
      { credentials, region: 'sa-east-1', service: 'lambda', nowMs: clock.nowMs() },
    );
    assert.equal(request.headers.authorization, expected.authorization);
    assert.equal(request.headers['x-amz-security-token'], 'fake-session');
  });

  it('sends and signs the path of a qualified name as the SDK does', async (t) => {
    const seen: { request: IncomingMessage; body: string }[] = [];
    const { service, endpoint } = await serviceOn(t, async (request, response) => {
      seen.push({ request, body: await text(request) });
      response.end('{"result":"nothing"}');
    });
    await service.refresh(REQUEST);
    const client = new LambdaClient({ endpoint, region: 'sa-east-1', credentials });
    t.after(() => client.destroy());
    await client.send(new InvokeCommand({ FunctionName: FUNCTION_NAME, Payload: '{}' }));

    assert.equal(seen.length, 2);
    for (const { request, body } of seen) {
      assert.equal(request.url, INVOKE_PATH);
      const signature = request.headers.authorization?.split('Signature=')[1];
      const canonicalPath = INVOKE_PATH.replace('%', '%25');
      const secret = credentials.secretAccessKey;
      assert.equal(signature, expectedSignature(request, { body, canonicalPath, secret }));
    }
  });

  it('takes what another version of the function answers', async (t) => {
    const { service } = await serviceOn(t, async (request, response) => {
      await text(request);
      response.end('{"result":"of-a-newer-version","other":1}');
    });
    assert.deepEqual(await service.refresh(REQUEST), { result: 'of-a-newer-version' });
  });

  const failures: readonly [what: string, answer: (response: ServerResponse) => void][] = [
    ['the function failed', (response) => response.setHeader('x-amz-function-error', 'Unhandled').end('{}')],
    ['it may not be invoked', (response) => response.writeHead(403).end('{"Message":"fake-sentinel"}')],
    ['the answer has a text for a code', (response) => response.end('{"result":"fake-sentinel text"}')],
    ['the answer is no JSON', (response) => response.end('fake-sentinel')],
    ['the connection breaks', (response) => response.destroy()],
    [
      'it is sent elsewhere',
      (response) => response.writeHead(302, { location: 'http://other.example' }).end(),
    ],
  ];
  for (const [what, answer] of failures) {
    it(`rejects, asking once and telling nothing more, when ${what}`, async (t) => {
      let asked = 0;
      const { service } = await serviceOn(t, async (request, response) => {
        asked += 1;
        await text(request);
        answer(response);
      });
      await assert.rejects(service.refresh(REQUEST), (error) => {
        assert.ok(error instanceof RefreshServiceError);
        assert.doesNotMatch(inspect(error), /fake-/);
        return true;
      });
      assert.equal(asked, 1);
    });
  }
});

async function serviceOn(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
) {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = new ManualClock();
  const options = { functionName: FUNCTION_NAME, endpoint, region: 'sa-east-1', clock };
  const service = new SignedRefreshService({ ...options, credentials: () => credentials });
  return { service, endpoint, clock };
}
