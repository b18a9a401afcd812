import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import { buildClient } from '../../packages/build-client.ts';
import { timing } from '../../shared/config/timing.ts';
import { eventually } from '../integration/eventually.ts';
import { operatorOf } from '../integration/operator.ts';
import { nodes, type PackedPackage, packed } from '../packages/packed.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { OutsideFolder, outsideEnvironment } from './installed.ts';
import { startWorkload } from './workload-process.ts';

const SCALE = 10;
const SDK = '@aws-sdk/client-secrets-manager';
const MANIFEST = { type: 'module' };

/** What the documents say to install, by the installers that people have, and with the SDK of an old lock file. */
const INSTALLS: [what: string, commands: (tarball: string) => string[][]][] = [
  ['npm and the newest SDK', (tarball) => [['npm', 'install', '--no-audit', tarball, SDK]]],
  [
    'npm and the SDK of June 2025',
    (tarball) => [
      ['npm', 'install', '--no-audit', '--before=2025-06-15', SDK],
      ['npm', 'install', '--no-audit', tarball],
    ],
  ],
  ['pnpm', (tarball) => [['npx', '--yes', 'pnpm@10', 'add', tarball, SDK]]],
];

describe('a workload outside of the project, with the packed client', { timeout: 900_000 }, () => {
  let client: PackedPackage;
  before(async () => {
    client = await packed(buildClient);
  });
  after(() => client[Symbol.dispose]());

  for (const [what, commands] of INSTALLS) {
    it(`lives through a rotation, a 401, an outage and a new ledger: ${what}`, async (t) => {
      using folder = new OutsideFolder(MANIFEST);
      for (const [command = '', ...args] of commands(client.tarball)) await folder.run(command, ...args);
      folder.write('workload.mjs', readFileSync(new URL('./workload.mjs', import.meta.url), 'utf8'));
      for (const node of nodes()) await liveThrough(t, folder, node.path);
    });
  }
});

async function liveThrough(t: TestContext, folder: OutsideFolder, node: string): Promise<void> {
  const first = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE)]);
  const operator = operatorOf(t, 'prd', first.awsUrl);
  const resource = `${first.providerUrl}/resource`;
  await using workload = workloadOf(folder, node, first);
  for (const via of ['read-api', 'secrets-manager']) {
    const before = await workload.told(`${via} ${resource}`);
    assert.equal(before.status, 200, JSON.stringify(before));

    const { generation } = await operator.refresh('demo');
    const refused = await workload.told(`${via} ${resource}`);
    assert.equal(refused.status, 200, `${via}: ${JSON.stringify(refused)}`);
    assert.ok(Number(refused.generation) >= generation, 'reported, replaced and sent again');

    const rotated = await eventually('a token that was rotated by itself', async (seen) => {
      const answer = await workload.told(`${via} ${resource}`);
      seen(answer);
      return Number(answer.generation) > Number(refused.generation) ? answer : undefined;
    });
    assert.equal(rotated.status, 200);
  }

  const held = await workload.told('read-api');
  await first.kill();
  assert.deepEqual(await workload.told('read-api'), held, 'what lives serves on');

  const ports = ['awsUrl', 'apiUrl', 'providerUrl'].map((url) => new URL(first[url as 'awsUrl']).port);
  const [port = '', apiPort = '', providerPort = ''] = ports;
  const again = ['--port', port, '--api-port', apiPort, '--provider-port', providerPort];
  const second = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE), ...again]);
  for (const via of ['read-api', 'secrets-manager']) {
    const renewed = await workload.told(`${via} ${resource}`);
    assert.equal(renewed.status, 200, `${via}, a ledger that begins again: ${JSON.stringify(renewed)}`);
    assert.ok(Number(renewed.generation) < Number(held.generation));
  }
  await second.stop();
}

function workloadOf({ folder }: OutsideFolder, node: string, { awsUrl, apiUrl }: StackProcess) {
  const env = {
    ...outsideEnvironment(),
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: 'sa-east-1',
    AWS_ACCESS_KEY_ID: 'fake-key-id',
    AWS_SECRET_ACCESS_KEY: 'fake-secret-key',
    READ_API_URL: apiUrl,
    CREDENTIAL: 'demo',
    DAY_MS: String(timing(SCALE).dayMs),
  };
  return startWorkload(node, ['workload.mjs'], { cwd: folder, env });
}
