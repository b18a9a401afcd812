import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { buildCdk } from '../../packages/build-cdk.ts';
import { type PackedPackage, packed } from '../packages/packed.ts';
import { OutsideFolder } from './installed.ts';

/** Both ends of the range of peers, with a compiler of their time. */
const VERSIONS = [
  ['aws-cdk-lib@2.224.0', 'constructs@10.4.2', 'typescript@5.6.3'],
  ['aws-cdk-lib@2', 'constructs@10', 'typescript@5.9'],
];

describe('an app outside of the project, with the packed construct', { timeout: 900_000 }, () => {
  let cdk: PackedPackage;
  before(async () => {
    cdk = await packed(buildCdk);
  });
  after(() => cdk[Symbol.dispose]());

  for (const versions of VERSIONS) {
    it(`compiles and synthesizes with ${versions.join(', ')}`, async () => {
      using folder = new OutsideFolder();
      await folder.run('npm', 'install', '--no-audit', cdk.tarball, ...versions, '@types/node@20');
      folder.write('app.ts', APP);
      folder.write('tsconfig.json', JSON.stringify({ compilerOptions: CDK_INIT }));
      await folder.run('npx', 'tsc');
      assert.equal(await folder.run('node', 'app.js'), '3\n');
    });
  }
});

/** What `cdk init app --language typescript` wrote for most of its life: CommonJS. */
const CDK_INIT = {
  target: 'ES2022',
  module: 'commonjs',
  lib: ['es2022'],
  strict: true,
  skipLibCheck: false,
  declaration: true,
  types: ['node'],
};

const APP = `
import * as cdk from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Renova } from 'renova-cdk';

const app = new cdk.App({ outdir: 'out', analyticsReporting: false });
const stack = new cdk.Stack(app, 'Tokens');
const renova = new Renova(stack, 'Renova', { env: 'hml', settings: { logRetentionDays: 7 } });
renova.grantRead('acme', new Role(stack, 'Workload', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }));
const { Resources } = app.synth().getStackByName('Tokens').template;
const named = Object.values<{ Type: string; Properties: { FunctionName?: string } }>(Resources);
console.log(named.filter(({ Type, Properties }) => Type === 'AWS::Lambda::Function' && Properties.FunctionName).length);
`;
