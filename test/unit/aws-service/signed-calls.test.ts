import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { SignedCalls } from '../../../shared/aws-service/signed-calls.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { answers, type Step, startService } from './scripted-service.ts';

const INPUT = { SecretId: 'fake-name' };

async function reads(t: TestContext, ...steps: Step[]) {
  const service = await startService(t, ...steps);
  const { endpoint } = service;
  const signed = new SignedCalls({
    service: 'secretsmanager',
    target: 'secretsmanager',
    json: '1.1',
    at: () => ({ endpoint, region: 'sa-east-1' }),
    credentials: () => ({
      accessKeyId: 'fake-id',
      secretAccessKey: 'fake-key',
      sessionToken: 'fake-session',
    }),
    clock: { ...systemClock, sleep: async () => undefined },
    random: { id: () => 'id', fraction: () => 0.5 },
    longestMs: 300,
  });
  return {
    service,
    signed,
    read: (signal?: AbortSignal) =>
      signed.call('GetSecretValue', INPUT, { absent: new Set(['ResourceNotFoundException']), signal }),
  };
}

const reset: Step = (request) => request.socket.destroy();

describe('a signed call of a service of AWS', () => {
  it('is one request, signed for its service and region, and its answer', async (t) => {
    const { service, read } = await reads(t, answers({ SecretString: 'fake' }));
    assert.deepEqual(await read(), { SecretString: 'fake' });
    const [{ headers } = assert.fail('no request')] = service.requests;
    assert.deepEqual(service.targets, ['secretsmanager.GetSecretValue']);
    assert.equal(headers['content-type'], 'application/x-amz-json-1.1');
    assert.equal(headers['x-amz-security-token'], 'fake-session');
    assert.match(
      String(headers.authorization),
      /^AWS4-HMAC-SHA256 Credential=fake-id\/\d{8}\/sa-east-1\/secretsmanager\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$/,
    );
  });

  it('goes over the connection of the one before', async (t) => {
    const { service, read } = await reads(t, answers({}));
    await read();
    await read();
    assert.deepEqual([service.requests.length, service.connections.length], [2, 1]);
  });

  for (const [what, step] of [
    ['was throttled', answers({ __type: 'ThrottlingException' }, 400)],
    ['met the service’s own trouble', answers({ __type: 'com.amazonaws#InternalServiceError' }, 500)],
    ['was cut off', reset],
    ['was answered with half an answer', (_, response) => response.writeHead(200).end('{"SecretStr')],
    ['was answered with a page', (_, response) => response.writeHead(503).end('<html>')],
    ['was not answered', () => undefined],
  ] as const satisfies readonly (readonly [string, Step])[]) {
    it(`is made once more, over a new connection, where it ${what}, and no third time`, async (t) => {
      const once = await reads(t, step, answers({ SecretString: 'fake' }));
      assert.deepEqual(await once.read(), { SecretString: 'fake' });
      assert.deepEqual([once.service.requests.length, once.service.connections.length], [2, 2]);
      const always = await reads(t, step);
      await assert.rejects(always.read(), StoreUnavailableError);
      assert.equal(always.service.requests.length, 2);
    });
  }

  it('is not made again where the service refuses it, and tells the code alone', async (t) => {
    const refusal = {
      __type: 'com.amazonaws.secretsmanager#AccessDeniedException',
      Message: 'fake-secret of fake-name',
    };
    const { service, read } = await reads(t, answers(refusal, 400));
    await assert.rejects(read(), (error: StoreUnavailableError) => {
      assert.equal(error.reason, 'AccessDeniedException');
      assert.doesNotMatch(inspect(error, { depth: 9 }), /fake-/);
      return true;
    });
    assert.equal(service.requests.length, 1);
  });

  it('ends when it is told to, and is not made again', async (t) => {
    const stop = new AbortController();
    const { service, read } = await reads(t, () => stop.abort());
    await assert.rejects(read(stop.signal), StoreUnavailableError);
    assert.equal(service.requests.length, 1);
  });

  it('is undefined where there is nothing', async (t) => {
    const { read } = await reads(t, answers({ __type: 'ResourceNotFoundException' }, 400));
    assert.equal(await read(), undefined);
  });
});
