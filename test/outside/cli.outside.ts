import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildCli } from '../../packages/build-cli.ts';
import { VERSION } from '../../shared/config/version.ts';
import { type PackedPackage, packed } from '../packages/packed.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { OutsideFolder } from './installed.ts';

describe('an operator outside of the project, with the packed commands', { timeout: 900_000 }, () => {
  let cli: PackedPackage;
  before(async () => {
    cli = await packed(buildCli);
  });
  after(() => cli[Symbol.dispose]());

  it('installs them, starts the local stack and lists what it keeps', async (t) => {
    using folder = new OutsideFolder();
    await folder.run('npm', 'install', '--no-audit', cli.tarball);
    assert.equal(await folder.run('npx', 'renova', '--version'), `${VERSION}\n`);
    const main = join(folder.folder, 'node_modules/.bin/renova-local');
    const stack = await startStackProcess(t, ['--env', 'prd', '--scale', '10'], main);
    const local = ['--local', '--local-port', new URL(stack.awsUrl).port];
    assert.match(await folder.run('npx', 'renova', 'list', ...local), /demo/);
    assert.match(await folder.run('npx', 'renova', 'token', 'demo', ...local), /\S/);
    assert.equal(await stack.stop(), 0);
  });
});
