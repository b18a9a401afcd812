import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildCli } from '../../packages/build-cli.ts';
import { VERSION } from '../../shared/config/version.ts';
import { aroundEngine, asNode } from '../support/node-version.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { nodes, type PackedPackage, packed, run, Scratch } from './packed.ts';

describe('the packed commands and local stack', { timeout: 600_000 }, () => {
  let cli: PackedPackage;
  before(async () => {
    cli = await packed(buildCli);
  });
  after(() => cli[Symbol.dispose]());

  it('hold JavaScript and the page of the console alone, and no infrastructure', () => {
    const own =
      /^(?:(?:cli|client|local|functions|shared)\/.*\.js|cli\/console\/page\/[a-z]+\.(?:html|css)|renova(?:-local)?\.js|package\.json|README\.md|LICENSE)$/;
    for (const path of cli.files.keys()) assert.match(path, own);
    const { version, dependencies } = cli.manifest;
    assert.equal(version, VERSION);
    assert.ok(!Object.keys(dependencies as object).some((name) => /aws-cdk|constructs|esbuild/.test(name)));
  });

  it('run the local stack, and serve its token to commands of every Node', async (t) => {
    using scratch = installed(cli);
    const stack = await startStackProcess(
      t,
      ['--env', 'prd', '--scale', '10'],
      binOf(scratch, 'renova-local'),
    );
    for (const { path, version } of nodes()) {
      const renova = (...args: string[]) => runBin(path, scratch, 'renova', args);
      assert.equal((await renova('--version')).stdout, `${VERSION}\n`, version);
      const list = await renova('list', '--local', '--local-port', new URL(stack.awsUrl).port);
      assert.match(list.stdout, /demo/, version);
    }
    const token = (await (await fetch(`${stack.apiUrl}/tokens/demo`)).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${token.access_token}` };
    assert.equal((await fetch(`${stack.providerUrl}/resource`, { headers })).status, 200);
  });

  it('say in a sentence which Node they need, the one that their package.json names', async () => {
    using scratch = installed(cli);
    const { old, first } = aroundEngine(cli.manifest.engines as { readonly node: string });
    const renova = (node: string) => runBin(process.execPath, scratch, 'renova', ['--version'], asNode(node));
    const said = new RegExp(`^renova: Node ${parseInt(first, 10)} or newer is needed and this is ${old}`);
    await assert.rejects(renova(old), { code: 1, stderr: said });
    assert.equal((await renova(first)).stdout, `${VERSION}\n`);
  });

  it('say in a sentence which Node the local stack needs', async () => {
    const old = nodes().find(({ version }) => Number(/\d+/.exec(version)?.[0]) < 24);
    if (!old) return;
    using scratch = installed(cli);
    await assert.rejects(runBin(old.path, scratch, 'renova-local', []), {
      code: 1,
      stderr: /^renova-local: Node 24 or newer is needed and this is /,
    });
  });
});

/** With the dependencies that it names, and no other. */
function installed(cli: PackedPackage): Scratch {
  return new Scratch().install(cli).link(...Object.keys(cli.manifest.dependencies as object));
}

function binOf({ folder }: Scratch, bin: string): string {
  const path = join(folder, 'node_modules/renova', `${bin}.js`);
  assert.ok(existsSync(path), path);
  return path;
}

function runBin(
  node: string,
  scratch: Scratch,
  bin: string,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
) {
  const env = { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' };
  return run(node, [...nodeOptions, binOf(scratch, bin), ...args], { cwd: scratch.folder, env });
}
