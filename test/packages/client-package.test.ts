import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { build } from 'esbuild';
import { buildClient } from '../../packages/build-client.ts';
import { ROOT } from '../../packages/project.ts';
import { VERSION } from '../../shared/config/version.ts';
import { nodes, type PackedPackage, packed, run, Scratch } from './packed.ts';
import { startProxiedServer } from './proxy.ts';

const SDK = '@aws-sdk/client-secrets-manager';
const MOST_BYTES = 60_000;
const noOpenssl =
  spawnSync('openssl', ['version']).status === 0 ? false : 'SKIPPED: openssl is not installed';

describe('the packed client', { timeout: 600_000 }, () => {
  let client: PackedPackage;
  before(async () => {
    client = await packed(buildClient);
  });
  after(() => client[Symbol.dispose]());

  it('is small, and nothing but itself', () => {
    const paths = [...client.files.keys()];
    assert.ok(
      paths.every((path) => /^(?:index\.js|package\.json|README\.md|LICENSE|types\/.*\.d\.ts)$/.test(path)),
    );
    const bytes = [...client.files.values()].reduce((sum, size) => sum + size, 0);
    assert.ok(bytes < MOST_BYTES, `${bytes} bytes`);
    const { version, dependencies, peerDependenciesMeta } = client.manifest;
    assert.deepEqual([version, dependencies], [VERSION, undefined]);
    assert.deepEqual(peerDependenciesMeta, { [SDK]: { optional: true } });
  });

  for (const { path, version } of nodes()) {
    it(`reads and signs without any other package, under Node ${version}`, async () => {
      using scratch = new Scratch().install(client);
      const { stdout } = await runText(
        path,
        scratch,
        'workload.mjs',
        `import * as renova from 'renova-client';${WORKLOAD}`,
      );
      assert.equal(stdout, EXPECTED);
      const required = `const renova = require('renova-client');(async () => {${WORKLOAD}})();`;
      assert.equal((await runText(path, scratch, 'workload.cjs', required)).stdout, EXPECTED);
    });

    it(`reads published secrets by the SDK, and says so where there is none, under Node ${version}`, async () => {
      using scratch = new Scratch().install(client);
      assert.match(
        (await runText(path, scratch, 'a.mjs', SECRETS)).stdout,
        /^invalid-option false .*@aws-sdk\/client-s/,
      );
      scratch.link(SDK);
      assert.equal((await runText(path, scratch, 'b.mjs', SECRETS)).stdout, 'fake-access-1\n');
    });
  }

  for (const { path, version } of nodes()) {
    it(`reads the read API through a proxy, under Node ${version}`, { skip: noOpenssl }, async (t) => {
      using scratch = new Scratch().install(client);
      const answer = { access_token: 'fake-access-1', generation: 1, expires_in: 300 };
      const proxied = await startProxiedServer(t, scratch.folder, 'api.example', (_, response) => {
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
      });
      const { proxyUrl: HTTPS_PROXY, authority: NODE_EXTRA_CA_CERTS } = proxied;
      const more = { HTTPS_PROXY, NODE_EXTRA_CA_CERTS };
      assert.equal((await runText(path, scratch, 'a.mjs', PROXIED, more)).stdout, 'fake-access-1\n');
      assert.deepEqual(proxied.targets, ['api.example:443']);
      const untrusting = await runText(path, scratch, 'a.mjs', PROXIED, { HTTPS_PROXY });
      assert.match(untrusting.stdout, /^unavailable .*SELF_SIGNED/);
    });
  }

  it('runs as an ES bundle that leaves the SDK to the runtime', async () => {
    using scratch = new Scratch().install(client);
    const entry = join(scratch.folder, 'workload.mjs');
    writeFileSync(entry, `import * as renova from 'renova-client';${WORKLOAD}`);
    const external = ['@aws-sdk/*', '@smithy/*'];
    const outfile = join(scratch.folder, 'bundle.mjs');
    await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', external, outfile });
    using elsewhere = new Scratch();
    const { stdout } = await run(process.execPath, [outfile], { cwd: elsewhere.folder });
    assert.equal(stdout, EXPECTED);
  });

  const types: [setting: string, options: object, packages: string[]][] = [
    ['with Node’s types', { types: ['node'] }, ['@types/node', 'undici-types']],
    ['with the browser’s', { types: [], lib: ['es2022', 'dom'] }, []],
    [
      'for a bundler',
      { types: [], lib: ['es2022', 'dom'], module: 'esnext', moduleResolution: 'bundler' },
      [],
    ],
    ['with the SDK', { types: ['node'], skipLibCheck: true }, ['@types/node', 'undici-types', SDK]],
  ];
  for (const [setting, options, packages] of types) {
    it(`has types that compile without skipLibCheck, ${setting}`, async () => {
      using scratch = new Scratch().install(client).link(...packages);
      writeFileSync(join(scratch.folder, 'use.mts'), packages.includes(SDK) ? SDK_TYPES : TYPES);
      const compilerOptions = {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      };
      const config = {
        compilerOptions: { ...compilerOptions, exactOptionalPropertyTypes: true, ...options },
      };
      writeFileSync(join(scratch.folder, 'tsconfig.json'), JSON.stringify(config));
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
      await run(process.execPath, [tsc, '-p', scratch.folder]).catch(({ stdout }) => assert.fail(stdout));
    });
  }
});

function runText(node: string, { folder }: Scratch, name: string, text: string, more: object = {}) {
  writeFileSync(join(folder, name), text);
  const env = { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', AWS_REGION: 'sa-east-1', ...more };
  return run(node, [join(folder, name)], { cwd: folder, env });
}

/** Reads a token, opens a resource with it, and shows how its request was signed. */
const WORKLOAD = `
const { createTokenSource, signedFetch, TokenError } = renova;
const value = { access_token: 'fake-access-1', token_type: 'bearer', generation: 1, expires_in: 300 };
const seen = [];
const answer = async (url, { headers }) => {
  seen.push(headers.authorization.split('/')[0]);
  return Response.json(value, { headers: { 'cache-control': 'private, max-age=150' } });
};
const credentials = () => ({ accessKeyId: 'fake-key', secretAccessKey: 'fake-secret' });
const fetch = signedFetch({ region: 'sa-east-1', credentials, fetch: answer });
const resourceFetch = async (request) => new Response(request.headers.get('authorization'));
const source = createTokenSource({ credential: 'acme', via: 'read-api', url: 'https://api.example', fetch, resourceFetch });
console.log((await source.getToken()).accessToken, await (await source.fetch('https://resource.example/')).text(), ...seen);
console.log(new TokenError('x', 'y') instanceof Error);
`;
const EXPECTED = 'fake-access-1 Bearer fake-access-1 AWS4-HMAC-SHA256 Credential=fake-key\ntrue\n';

const SECRETS = `
import { createTokenSource } from 'renova-client';
const time = (ms) => new Date(Date.now() + ms).toISOString();
const value = { access_token: 'fake-access-1', generation: 1, lanes: 1, issued_at: time(0), expires_at: time(3e5), refresh_after: time(1e5) };
const client = { send: async () => ({ SecretString: JSON.stringify(value) }) };
const source = createTokenSource({ credential: 'acme', via: 'secrets-manager', env: 'prd', client });
await source.getToken().then(
  ({ accessToken }) => console.log(accessToken),
  ({ code, isTemporary, message }) => console.log(code, isTemporary, message),
);
`;

const PROXIED = `
import { createTokenSource } from 'renova-client';
const source = createTokenSource({ credential: 'acme', via: 'read-api', url: 'https://api.example' });
await source.getToken().then(
  ({ accessToken }) => console.log(accessToken),
  ({ code, message }) => console.log(code, message),
);
`;

const TYPES = `
import { createTokenSource, signedFetch, TokenError, type Token, type TokenSource } from 'renova-client';
const fetch = signedFetch({ region: 'sa-east-1', credentials: () => ({ accessKeyId: '', secretAccessKey: '' }) });
const source: TokenSource = createTokenSource({ credential: 'acme', via: 'read-api', url: '', fetch });
export const token: Promise<Token> = source.getToken({ minTtlSeconds: 60 });
export const shown = token.then(({ userAgent, fields }) => [userAgent?.length, fields?.instance_url]);
export const answer: Promise<Response> = source.fetch('https://resource.example/');
export const codeOf = (error: unknown) => (error instanceof TokenError ? error.code : undefined);
// @ts-expect-error: the secrets are those of an environment
createTokenSource({ credential: 'acme', via: 'secrets-manager' });
`;

const SDK_TYPES = `
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createTokenSource, signedFetch } from 'renova-client';
const client = new SecretsManagerClient({});
export const source = createTokenSource({ credential: 'acme', via: 'secrets-manager', env: 'prd', client });
export const fetch = signedFetch({ region: 'sa-east-1', credentials: client.config.credentials });
`;
