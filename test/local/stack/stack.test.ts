import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DataInUseError } from '../../../local/data/folder-lock.ts';
import { PortInUseError } from '../../../local/http/http-server.ts';
import type { StackOptions } from '../../../local/options.ts';
import { startStack } from '../../../local/stack.ts';
import type { StackReport } from '../../../local/stack-report.ts';
import { testClientOptions } from '../../support/aws-clients.ts';

const OPTIONS: StackOptions = {
  env: 'prd',
  scale: 1,
  port: 0,
  apiPort: 0,
  providerPort: 0,
  parts: 'all',
  demo: false,
  allowRemoteProvider: false,
};

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'renova-stack-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function run(context: TestContext, changes: Partial<StackOptions> = {}) {
  const reports: StackReport[] = [];
  const report = (heard: StackReport) => void reports.push(heard);
  const stack = await startStack({ ...OPTIONS, ...changes }, { report, variables: {} });
  context.after(() => stack.stop());
  return { stack, reports };
}

async function ringsOf(awsUrl: string | undefined): Promise<(string | undefined)[]> {
  const client = new SecretsManagerClient(testClientOptions(awsUrl ?? ''));
  try {
    const names = ['renova/prd/seal/access', 'renova/prd/seal/refresh'];
    const read = names.map((name) => client.send(new GetSecretValueCommand({ SecretId: name })));
    return (await Promise.all(read)).map(({ SecretString }) => SecretString);
  } finally {
    client.destroy();
  }
}

describe('the local stack', () => {
  test('registers the demo, serves its token, and the provider takes it', async (context) => {
    const { stack, reports } = await run(context, { demo: true });
    assert.deepEqual(
      reports.filter(({ type }) => type === 'demo' || type === 'function-failed'),
      [{ type: 'demo', outcome: { result: 'registered' } }],
    );
    const response = await fetch(`${stack.apiUrl}/tokens/demo`);
    assert.equal(response.status, 200);
    const { access_token, generation } = (await response.json()) as {
      access_token: string;
      generation: number;
    };
    assert.equal(generation, 1);
    const resource = await fetch(`${stack.providerUrl}/resource`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    assert.equal(resource.status, 200);
    const {
      credentials: [demo],
      quotas,
    } = (await stack.overview?.()) ?? { credentials: [], quotas: [] };
    assert.deepEqual(
      [demo?.credential, demo?.state, demo?.generation, demo?.lanes, demo?.fullestLaneVersions],
      ['demo', 'active', 1, 12, 2],
    );
    assert.deepEqual(quotas, [{ key: 'bs2', limit: 10, used: 1 }]);
  });

  test('has tables and two different key rings from the start', async (context) => {
    const { stack } = await run(context, { parts: 'no-provider' });
    const client = new DynamoDBClient(testClientOptions(stack.awsUrl ?? ''));
    const { TableNames } = await client.send(new ListTablesCommand({}));
    client.destroy();
    assert.deepEqual(TableNames, ['renova-prd-credentials', 'renova-prd-quota']);
    const [access, refresh] = await ringsOf(stack.awsUrl);
    assert.ok(access && refresh && access !== refresh);
    assert.equal(stack.providerUrl, undefined);
  });

  test('keeps tables, secrets and grants in its data folder', async (context) => {
    const data = temporaryFolder(context);
    const before = await run(context, { data, demo: true });
    const rings = await ringsOf(before.stack.awsUrl);
    const token = await (await fetch(`${before.stack.apiUrl}/tokens/demo`)).text();
    await before.stack.stop();

    const after = await run(context, { data, demo: true });
    assert.deepEqual(
      after.reports.find(({ type }) => type === 'demo'),
      {
        type: 'demo',
        outcome: { result: 'moved' },
      },
    );
    assert.deepEqual(await ringsOf(after.stack.awsUrl), rings);
    const { access_token } = (await (await fetch(`${after.stack.apiUrl}/tokens/demo`)).json()) as {
      access_token: string;
    };
    assert.ok(token.includes(access_token));
    const resource = await fetch(`${after.stack.providerUrl}/resource`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    assert.equal(resource.status, 200);

    const refused = await fetch(`${after.stack.apiUrl}/tokens/demo/refused`, {
      method: 'POST',
      body: JSON.stringify({ generation: 1 }),
    });
    const { generation } = (await refused.json()) as { generation: number };
    assert.equal(generation, 2, 'it is refreshed at the new port');
  });

  test('shares its data folder with no other stack, but with a provider alone', async (context) => {
    const data = temporaryFolder(context);
    const first = await run(context, { data, parts: 'no-provider' });
    await assert.rejects(run(context, { data, parts: 'no-provider' }), DataInUseError);
    await run(context, { data, parts: 'provider-only' });
    await first.stack.stop();
    await run(context, { data, parts: 'no-provider' });
  });

  test('runs the provider alone', async (context) => {
    const { stack } = await run(context, { parts: 'provider-only' });
    assert.equal((await fetch(`${stack.providerUrl}/_sandbox/stats`)).status, 200);
    assert.deepEqual([stack.awsUrl, stack.apiUrl, stack.overview], [undefined, undefined, undefined]);
  });

  test('a port in use is named with its option, and nothing that was started stays', async (context) => {
    const data = temporaryFolder(context);
    const { stack } = await run(context, { parts: 'provider-only' });
    const taken = Number(new URL(stack.providerUrl ?? '').port);
    await assert.rejects(run(context, { data, apiPort: taken }), (error) => {
      assert.ok(error instanceof PortInUseError);
      const expected = `--api-port ${taken} is in use: stop the other process or choose another with --api-port`;
      assert.equal(error.message, expected);
      return true;
    });
    await run(context, { data });
  });

  test('leaves nothing open when it has stopped', async (context) => {
    const before = openResources();
    const { stack } = await run(context, { demo: true, data: temporaryFolder(context) });
    assert.notDeepEqual(more(openResources(), before), []);
    await stack.stop();
    await stack.stop();
    assert.deepEqual(more(openResources(), before), []);
    await assert.rejects(fetch(`${stack.apiUrl}/healthz`));
  });
});

/** What is open and was not `before`. What earlier tests had left under way may have come to its end. */
function more(now: readonly string[], before: readonly string[]): string[] {
  const left = [...before];
  return now.filter((type) => {
    const at = left.indexOf(type);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** What keeps a process alive, save sockets of the tests' own requests (undici keeps those). */
function openResources(): string[] {
  const ours = /^(TCPServerWrap|PipeWrap|MessagePort|Worker|FSReqCallback)$/;
  return process
    .getActiveResourcesInfo()
    .filter((type) => ours.test(type))
    .sort();
}
