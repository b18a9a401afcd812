import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createTokenSource, signedFetch, type TokenSource } from '../../client/index.ts';
import { timing } from '../../shared/config/timing.ts';
import { eventually } from '../integration/eventually.ts';
import { operatorOf } from '../integration/operator.ts';
import { sandboxClient } from '../integration/sandbox-client.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';

const SCALE = 10;
const CREDENTIAL = 'demo';

describe('a workload with the client, beside a running stack', { timeout: 600_000 }, () => {
  test('opens the resource through both doors, and goes on after a forced refresh killed its token', async (t) => {
    const stack = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE)]);
    const operator = operatorOf(t, 'prd', stack.awsUrl);
    const sandbox = sandboxClient(stack.providerUrl);
    const resource = `${stack.providerUrl}/resource`;
    for (const [door, source] of Object.entries(sources(t, stack))) {
      const before = await source.getToken();
      assert.equal(await sandbox.openResource(before.accessToken), 200, door);

      await operator.refresh(CREDENTIAL);
      assert.equal((await source.getToken()).generation, before.generation, `${door}: the promise holds it`);
      assert.equal(await sandbox.openResource(before.accessToken), 401, `${door}: and it is dead`);
      assert.equal((await source.fetch(resource)).status, 200, `${door}: reported, replaced and sent again`);
      assert.ok((await source.getToken()).generation > before.generation, door);
    }
  });

  test('drops a token early when it is told of Token Refreshed', async (t) => {
    const stack = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE)]);
    const operator = operatorOf(t, 'prd', stack.awsUrl);
    const { 'read-api': source } = sources(t, stack);
    const before = await source.getToken();

    const { generation } = await operator.refresh(CREDENTIAL);
    const detail = await eventually('Token Refreshed of that generation', async () => {
      const { events } = (await (await fetch(`${stack.apiUrl}/events`)).json()) as { events: BusEvent[] };
      const told = events.filter((event) => event['detail-type'] === 'Token Refreshed');
      return told.map((event) => event.detail).find((one) => one.generation >= generation);
    });
    source.refreshed(detail);

    assert.ok(detail.generation > before.generation);
    assert.ok((await source.getToken()).generation >= detail.generation);
  });
});

interface BusEvent {
  readonly 'detail-type': string;
  readonly detail: { readonly credential: string; readonly generation: number };
}

function sources(
  t: TestContext,
  stack: StackProcess,
): Record<'read-api' | 'secrets-manager' | 'signed', TokenSource> {
  const client = new SecretsManagerClient(testClientOptions(stack.awsUrl));
  t.after(() => client.destroy());
  const { dayMs } = timing(SCALE);
  const credentials = () => ({ accessKeyId: 'fake-key-id', secretAccessKey: 'fake-secret-key' });
  const api = { credential: CREDENTIAL, via: 'read-api', url: stack.apiUrl } as const;
  const published = { credential: CREDENTIAL, via: 'secrets-manager', env: 'prd', client, dayMs } as const;
  return {
    'read-api': createTokenSource(api),
    'secrets-manager': createTokenSource(published),
    signed: createTokenSource({ ...api, fetch: signedFetch({ region: 'sa-east-1', credentials }) }),
  };
}
