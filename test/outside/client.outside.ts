import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { buildClient } from '../../packages/build-client.ts';
import { timing } from '../../shared/config/timing.ts';
import { eventually } from '../integration/eventually.ts';
import { operatorOf } from '../integration/operator.ts';
import { nodes, type PackedPackage, packed } from '../packages/packed.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { OutsideFolder, outsideEnvironment } from './installed.ts';
import { type Answer, startWorkload } from './workload-process.ts';

const SCALE = 10;
const SDK = '@aws-sdk/client-secrets-manager';
const MANIFEST = { type: 'module' };

/** An installation as a person has it. */
interface Installation {
  readonly what: string;
  readonly commands: (tarball: string) => string[][];
  /** Tried by every Node that the client promises; the others by the Node of the tests and the machine's own. */
  readonly everyNode?: true;
}

/** What the documents say to install, by the installers that people have, and with the SDK of old lock files. */
const INSTALLATIONS: readonly Installation[] = [
  {
    what: 'npm and the newest SDK, every Node',
    commands: (tarball) => [['npm', 'install', '--no-audit', tarball, SDK]],
    everyNode: true,
  },
  ...['2025-06-15', '2025-09-15', '2025-12-15', '2026-04-01', '2026-06-01', '2026-07-01'].map((date) => ({
    what: `npm and the SDK of ${date}`,
    commands: (tarball: string) => [
      ['npm', 'install', '--no-audit', `--before=${date}`, SDK],
      ['npm', 'install', '--no-audit', tarball],
    ],
  })),
  { what: 'pnpm', commands: (tarball) => [['npx', '--yes', 'pnpm@10', 'add', tarball, SDK]] },
];

/** Node comes as a package too: those that the client promises, which this machine may not have. */
const NODES = ['20', '22', '26'];

describe('a workload outside of the project, with the packed client', { timeout: 1_800_000 }, () => {
  let client: PackedPackage;
  const folders: OutsideFolder[] = [];
  const everyNode = nodes().map(({ path }) => path);
  before(async () => {
    client = await packed(buildClient);
    for (const version of NODES) {
      const folder = new OutsideFolder();
      folders.push(folder);
      await folder.run('npm', 'install', '--no-audit', `node@${version}`);
      everyNode.push(join(folder.folder, 'node_modules/node/bin/node'));
    }
  });
  after(() => {
    client[Symbol.dispose]();
    for (const folder of folders) folder[Symbol.dispose]();
  });

  for (const installation of INSTALLATIONS) {
    it(`lives through a rotation, a 401, an outage and a new ledger: ${installation.what}`, async (t) => {
      using folder = new OutsideFolder(MANIFEST);
      for (const [command = '', ...args] of installation.commands(client.tarball)) {
        await folder.run(command, ...args);
      }
      folder.write('workload.mjs', readFileSync(new URL('./workload.mjs', import.meta.url), 'utf8'));
      await liveThrough(t, folder, installation.everyNode ? everyNode : nodes().map(({ path }) => path));
    });
  }
});

/** One workload of each Node, all beside the same stack. */
async function liveThrough(t: TestContext, folder: OutsideFolder, paths: readonly string[]): Promise<void> {
  const first = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE)]);
  const operator = operatorOf(t, 'prd', first.awsUrl);
  const resource = `${first.providerUrl}/resource`;
  await using started = new AsyncDisposableStack();
  const workloads = paths.map((path) => started.use(workloadOf(folder, path, first)));
  const told = (line: string) => Promise.all(workloads.map((workload) => workload.told(line)));
  const everyone = async (line: string) => {
    const answers = await told(line);
    for (const [index, { status, generation }] of answers.entries()) {
      const seen = `${paths[index]}, ${line}: ${JSON.stringify(answers[index])}`;
      assert.ok((status ?? 200) === 200 && Number.isInteger(generation), seen);
    }
    return answers.map(({ generation }) => Number(generation));
  };

  for (const via of ['read-api', 'secrets-manager']) {
    await everyone(`${via} ${resource}`);
    const { generation } = await operator.refresh('demo');
    const refused = await everyone(`${via} ${resource}`);
    assert.ok(Math.min(...refused) >= generation, 'reported, replaced and sent again');

    await eventually('a token that was rotated by itself', async (seen) => {
      const answers = await told(`${via} ${resource}`);
      seen(answers);
      const isRotated = ({ status, generation }: Answer) =>
        status === 200 && Number(generation) > Math.max(...refused);
      return answers.every(isRotated) || undefined;
    });
  }

  const held = await everyone('read-api');
  await first.kill();
  assert.deepEqual(await everyone('read-api'), held, 'what lives serves on');

  const ports = ['awsUrl', 'apiUrl', 'providerUrl'].map((url) => new URL(first[url as 'awsUrl']).port);
  const [port = '', apiPort = '', providerPort = ''] = ports;
  const again = ['--port', port, '--api-port', apiPort, '--provider-port', providerPort];
  const second = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE), ...again]);
  for (const via of ['read-api', 'secrets-manager']) {
    const renewed = await everyone(`${via} ${resource}`);
    assert.ok(Math.max(...renewed) < Math.min(...held), `${via}: a ledger that begins again`);
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
