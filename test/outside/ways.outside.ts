// A token by each of seven ways, from what is packed alone: through a rotation, a 401, an outage and a ledger that begins again.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildCli } from '../../packages/build-cli.ts';
import { buildClient } from '../../packages/build-client.ts';
import { timing } from '../../shared/config/timing.ts';
import { eventually } from '../integration/eventually.ts';
import { sandboxClient } from '../integration/sandbox-client.ts';
import { nodes, type PackedPackage, packed } from '../packages/packed.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { OutsideFolder, outsideEnvironment } from './installed.ts';
import { startWorkload } from './workload-process.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** One way to a token, and what it does with it: open the provider's resource. */
interface Way {
  readonly name: string;
  /** Serves on what it holds when nothing of Renova answers. */
  readonly holds: boolean;
  /** The status of the resource; rejects when the way gives no token. */
  opens(): Promise<number>;
}

describe('seven ways to a token, from the packed files alone', { timeout: 900_000 }, () => {
  let cli: PackedPackage;
  let client: PackedPackage;
  before(async () => {
    [cli, client] = [await packed(buildCli), await packed(buildClient)];
  });
  after(() => {
    cli[Symbol.dispose]();
    client[Symbol.dispose]();
  });

  it('each lives through a rotation, a 401, an outage and a new ledger', async (t) => {
    using folder = new OutsideFolder({ type: 'module' });
    await folder.run('npm', 'install', '--no-audit', cli.tarball);
    await folder.run('npm', 'install', '--no-audit', client.tarball, '@aws-sdk/client-secrets-manager');
    const main = join(folder.folder, 'node_modules/.bin/renova-local');
    const provider = await startStackProcess(t, ['--env', 'prd', '--provider-only'], main);
    const providerPort = new URL(provider.providerUrl).port;
    const first = await startStackProcess(
      t,
      ['--env', 'prd', '--no-provider', '--provider-port', providerPort],
      main,
    );
    const ports = [
      ...['--port', new URL(first.awsUrl).port],
      ...['--api-port', new URL(first.apiUrl).port],
      ...['--provider-port', providerPort],
    ];
    const place: Place = { folder, stack: first, resource: `${provider.providerUrl}/resource` };
    const renova = (...args: string[]) =>
      folder.run('npx', 'renova', ...args, '--local', '--local-port', new URL(first.awsUrl).port);

    await register(place, provider.providerUrl);
    const ways = [
      await nodeWay(t, place),
      await pythonWay(t, place),
      curlWay(place),
      awsCliWay(place),
      ...(await agentWays(t, place)),
      parameterWay(place),
    ];
    for (const way of ways) assert.equal(await way.opens(), 200, `${way.name}: at first`);

    for (const when of ['after a rotation', 'after another']) {
      // The token before is dead: whoever holds it meets a 401.
      await renova('refresh', 'acme', '--force');
      for (const way of ways) await opensSoon(way, when);
    }

    await first.kill();
    for (const way of ways) {
      if (way.holds) assert.equal(await way.opens(), 200, `${way.name}: serves on what it holds`);
      else await assert.rejects(way.opens(), `${way.name}: says that it has no token`);
    }

    await provider.kill();
    const second = await startStackProcess(t, ['--env', 'prd', '--no-demo', ...ports], main);
    await register(place, second.providerUrl);
    for (const way of ways) await opensSoon(way, 'with a ledger that begins again');
    const { reused_refresh_tokens } = await sandboxClient(second.providerUrl).stats();
    assert.equal(reused_refresh_tokens, 0);
  });
});

interface Place {
  readonly folder: OutsideFolder;
  readonly stack: StackProcess;
  /** URL of the provider's protected resource. */
  readonly resource: string;
}

async function register({ folder, stack }: Place, providerUrl: string): Promise<void> {
  const sandbox = sandboxClient(providerUrl);
  const { client, scope, refreshToken } = await sandbox.grant('acme');
  const secrets = JSON.stringify({ client, refresh_token: refreshToken });
  const given = [
    '--scope',
    scope,
    '--token-url',
    sandbox.tokenUrl,
    '--user-agent',
    'fake-code',
    '--parameter',
  ];
  const target = ['--local', '--local-port', new URL(stack.awsUrl).port];
  const child = spawn('npx', ['renova', 'register', 'acme', ...given, '--secrets', '-', ...target], {
    cwd: folder.folder,
    env: outsideEnvironment(),
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(secrets);
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, 'registered');
}

function opensSoon(way: Way, when: string): Promise<true> {
  return eventually(`${way.name}: ${when}`, async (seen) => {
    const status = await way.opens().catch((error: Error) => error.message);
    seen(status);
    return status === 200 || undefined;
  });
}

function awsVariables({ stack }: Place): NodeJS.ProcessEnv {
  return {
    ...outsideEnvironment(),
    AWS_ENDPOINT_URL: stack.awsUrl,
    AWS_REGION: 'sa-east-1',
    AWS_DEFAULT_REGION: 'sa-east-1',
    AWS_ACCESS_KEY_ID: 'fake-key-id',
    AWS_SECRET_ACCESS_KEY: 'fake-secret-key',
    AWS_EC2_METADATA_DISABLED: 'true',
    READ_API_URL: stack.apiUrl,
    CREDENTIAL: 'acme',
    DAY_MS: String(timing(1).dayMs),
  };
}

async function nodeWay(t: TestContext, place: Place): Promise<Way> {
  const [{ path: node } = assert.fail('no Node')] = nodes().slice(-1);
  copyFileSync(new URL('./workload.mjs', import.meta.url), join(place.folder.folder, 'workload.mjs'));
  return workloadWay(t, place, 'Node', [node, 'workload.mjs']);
}

async function pythonWay(t: TestContext, place: Place): Promise<Way> {
  const { folder } = place;
  const wheel = await folder.run('python3', join(ROOT, 'client/python/build_wheel.py'), '.');
  // boto3 and requests are those of the machine, which may have no index of Python packages.
  const into = ['install', '--quiet', '--no-deps', '--target', 'site'];
  await folder.run('python3', '-m', 'pip', ...into, `./${wheel.trim()}`);
  copyFileSync(new URL('./workload.py', import.meta.url), join(folder.folder, 'workload.py'));
  return workloadWay(t, place, 'Python', ['python3', 'workload.py'], {
    PYTHONPATH: join(folder.folder, 'site'),
  });
}

/** A process that lives on, and takes its tokens by turns from both doors. */
function workloadWay(
  t: TestContext,
  place: Place,
  name: string,
  [command = '', ...args]: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Way {
  const options = { cwd: place.folder.folder, env: { ...awsVariables(place), ...variables } };
  const workload = startWorkload(command, args, options);
  t.after(() => workload[Symbol.asyncDispose]());
  return {
    name,
    holds: true,
    async opens() {
      const answers = [
        await workload.told(`read-api ${place.resource}`),
        await workload.told(`secrets-manager ${place.resource}`),
      ];
      const odd = answers.find(({ status }) => status !== 200);
      if (odd && odd.status === undefined) throw new Error(JSON.stringify(odd));
      return Number((odd ?? answers[0])?.status);
    },
  };
}

function curlWay(place: Place): Way {
  const script = `
    token=$(curl -sS --fail-with-body "$READ_API_URL/tokens/acme" | jq -r .access_token)
    ${OPEN}`;
  return { name: 'curl', holds: false, opens: () => shell(place, script) };
}

function awsCliWay(place: Place): Way {
  copyFileSync(join(ROOT, 'docs/recipes/renova-token.sh'), join(place.folder.folder, 'renova-token.sh'));
  const script = `
    token=$(./renova-token.sh prd acme) || exit 1
    ${OPEN}`;
  return { name: 'AWS CLI', holds: false, opens: () => shell(place, script) };
}

function parameterWay(place: Place): Way {
  const script = `
    value=$(aws ssm get-parameter --name /renova/prd/acme/token --with-decryption --query Parameter.Value --output text) || exit 1
    token=$(printf '%s' "$value" | jq -r .access_token)
    ${OPEN}`;
  return { name: 'parameter', holds: false, opens: () => shell(place, script) };
}

/** One agent serves both: the language that speaks HTTP, and the program that reads a file. */
async function agentWays(t: TestContext, place: Place): Promise<readonly Way[]> {
  const { folder, stack } = place;
  const file = join(folder.folder, 'token');
  const args = [
    ...['agent', '--credential', 'acme', '--file', `acme=${file}`, '--listen', '127.0.0.1:0'],
    ...['--local', '--local-port', new URL(stack.awsUrl).port, '--json'],
  ];
  const child = spawn(join(folder.folder, 'node_modules/.bin/renova'), args, {
    cwd: folder.folder,
    env: outsideEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const { url } = JSON.parse(line.toString()) as { url: string };
  const ask = (path: string, ...more: string[]) =>
    run('curl', [
      '-sS',
      '--fail-with-body',
      '-H',
      'X-Renova-Agent: 1',
      ...more,
      `${url}/tokens/${path}`,
    ]).then(
      ({ stdout }) => JSON.parse(stdout) as { readonly access_token: string; readonly generation: number },
    );
  const openWith = async (token: string) =>
    (await fetch(place.resource, { headers: { authorization: `Bearer ${token}` } })).status;
  const report = (generation: number) => ask('acme/refused', '-d', JSON.stringify({ generation }));

  return [
    {
      name: 'agent',
      holds: true,
      async opens() {
        const { access_token, generation } = await ask('acme');
        const status = await openWith(access_token);
        return status === 401 ? openWith((await report(generation)).access_token) : status;
      },
    },
    {
      name: 'file',
      holds: true,
      async opens() {
        const status = await openWith(readFileSync(file, 'utf8'));
        if (status !== 401) return status;
        await report((await ask('acme')).generation);
        return openWith(readFileSync(file, 'utf8'));
      },
    },
  ];
}

const OPEN = `[ -n "$token" ] || exit 1
    printf 'Authorization: Bearer %s' "$token" | curl -sS -o /dev/null -w '%{http_code}' -H @- "$RESOURCE"`;

async function shell(place: Place, script: string): Promise<number> {
  const env = { ...awsVariables(place), RESOURCE: place.resource };
  const { stdout } = await run('sh', ['-c', script], { cwd: place.folder.folder, env });
  return Number(stdout);
}
