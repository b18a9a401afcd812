import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildCdk } from '../../packages/build-cdk.ts';
import { ROOT } from '../../packages/project.ts';
import { FUNCTION_BUNDLES } from '../../shared/config/functions.ts';
import { VERSION } from '../../shared/config/version.ts';
import { bundleOf, resourcesOf, type Synthesis, synthesize } from '../infra/synthesis.ts';
import { takesLong } from '../runner/amount.ts';
import { nodes, type PackedPackage, packed, run, Scratch } from './packed.ts';

const PEERS = ['aws-cdk-lib', 'constructs'] as const;

const ESM = [
  'app.mjs',
  `import { App, Stack } from 'aws-cdk-lib'; import { Renova, SettingsError } from 'renova-cdk';`,
] as const;
const COMMON_JS = [
  'app.cjs',
  `const { App, Stack } = require('aws-cdk-lib'); const { Renova, SettingsError } = require('renova-cdk');`,
] as const;

describe('the packed construct', { timeout: 600_000 }, () => {
  let cdk: PackedPackage;
  before(async () => {
    cdk = await packed(buildCdk);
  });
  after(() => cdk[Symbol.dispose]());

  it('is itself, its types and its functions, with the CDK as a peer', () => {
    const own = /^(?:index\.js|package\.json|README\.md|LICENSE|types\/.*\.d\.ts|bundles\/\w+\/index\.mjs)$/;
    for (const path of cdk.files.keys()) assert.match(path, own);
    const { version, dependencies, peerDependencies } = cdk.manifest;
    assert.deepEqual([version, dependencies], [VERSION, undefined]);
    assert.deepEqual(Object.keys(peerDependencies as object), [...PEERS]);
  });

  it('brings the functions along byte for byte as the project’s own stack has them', {
    skip: takesLong,
  }, () => {
    using own = synthesize('hml', {
      bundle: true,
      settings: { webhook: { url: 'https://alerts.example/' } },
    });
    using scratch = new Scratch().install(cdk);
    for (const { role, path } of functionsOf(own)) {
      const packedPath = join(scratch.folder, 'node_modules/renova-cdk/bundles', role, 'index.mjs');
      assert.ok(readFileSync(packedPath).equals(readFileSync(path)), role);
    }
  });

  for (const { path, version } of nodes()) {
    // Each takes a while to load the CDK: of Node 24, CommonJS is the app of cdk init below.
    const [name, imports] = path === process.execPath ? ESM : COMMON_JS;
    it(`synthesizes in an app in JavaScript (${name}) under Node ${version}`, async () => {
      using scratch = new Scratch().install(cdk).link(...PEERS);
      writeFileSync(join(scratch.folder, name), imports + APP);
      const { stdout } = await run(path, [name], { cwd: scratch.folder });
      assert.deepEqual(JSON.parse(stdout), { functions: 3, refused: true });
    });
  }

  it('compiles and synthesizes in an app of cdk init with its own tsc', async () => {
    using scratch = new Scratch().install(cdk).link(...PEERS, '@types/node', 'undici-types');
    writeFileSync(join(scratch.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: CDK_INIT }));
    writeFileSync(join(scratch.folder, 'app.ts'), TYPED_APP);
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '-p', scratch.folder]).catch(({ stdout }) => assert.fail(stdout));
    const { stdout } = await run(process.execPath, ['app.js'], { cwd: scratch.folder });
    assert.equal(stdout, 'acme\n');
  });
});

function functionsOf(synthesis: Synthesis) {
  return FUNCTION_BUNDLES.map((role) => {
    const own = resourcesOf(synthesis.template, 'AWS::Lambda::Function');
    const resource = own.find(({ Properties }) => String(Properties.FunctionName).endsWith(`-${role}`));
    assert.ok(resource, role);
    return { role, path: bundleOf(synthesis, resource) };
  });
}

const APP = `
const app = new App({ outdir: 'out', analyticsReporting: false });
const stack = new Stack(app, 'Tokens');
new Renova(stack, 'Renova', { env: 'hml' });
const { Resources } = app.synth().getStackByName('Tokens').template;
const functions = Object.values(Resources).filter(({ Type, Properties }) =>
  Type === 'AWS::Lambda::Function' && /^renova-/.test(Properties.FunctionName)).length;
let refused = false;
try { new Renova(stack, 'Other', { env: 'hml', settings: { logRetentionDays: 2 } }); }
catch (error) { refused = error instanceof SettingsError; }
console.log(JSON.stringify({ functions, refused }));
`;

/** What `cdk init app --language typescript` writes. */
const CDK_INIT = {
  target: 'ES2022',
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  lib: ['es2022'],
  declaration: true,
  strict: true,
  noImplicitAny: true,
  strictNullChecks: true,
  noImplicitThis: true,
  alwaysStrict: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: false,
  inlineSourceMap: true,
  inlineSources: true,
  experimentalDecorators: true,
  strictPropertyInitialization: false,
  skipLibCheck: true,
  types: ['node'],
};

const TYPED_APP = `
import * as cdk from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Renova, type RenovaProps, type RenovaSettings } from 'renova-cdk';

const stack = new cdk.Stack(new cdk.App({ outdir: 'out', analyticsReporting: false }), 'Tokens');
const vpc = new Vpc(stack, 'Vpc');
const settings: Partial<RenovaSettings> = { logRetentionDays: 7, network: { vpc } };
const props: RenovaProps = { env: 'hml', settings };
const renova = new Renova(stack, 'Renova', props);
const role = new Role(stack, 'Workload', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
renova.grantRead('acme', role);
cdk.Stack.of(renova).resolve(renova.readApi.url);
// @ts-expect-error: there is no such setting
export const wrong: RenovaProps = { env: 'hml', settings: { lapseAlarmHour: 1 } };
console.log('acme');
`;
