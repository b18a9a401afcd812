import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { ROOT } from '../support/bundle.ts';

const run = promisify(execFile);

/** Node runs no TypeScript below node_modules: what a workload imports is what the build makes of it. */
it('the client works as an installed package: without the SDK, with it for signed requests, and has its types', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'renova-client-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const installed = join(folder, 'node_modules/renova');
  mkdirSync(installed, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(installed, 'package.json'));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  await run(tsc, ['-p', join(ROOT, 'client'), '--outDir', join(installed, 'dist')]);
  const workload = join(folder, 'workload.mjs');
  writeFileSync(workload, WORKLOAD);
  const signing = join(folder, 'signing.mjs');
  writeFileSync(signing, SIGNING_WORKLOAD);

  assert.equal((await run(process.execPath, [workload])).stdout, 'fake-access-1\n');

  // The only packages of the SDK that signing takes.
  symlinkSync(join(ROOT, 'node_modules/@smithy'), join(folder, 'node_modules/@smithy'));
  assert.match((await run(process.execPath, [signing])).stdout, /^AWS4-HMAC-SHA256 Credential=fake-key\//);
  const types = readFileSync(join(installed, 'dist/client/index.d.ts'), 'utf8');
  assert.match(types, /createTokenSource/);
});

const WORKLOAD = `
import { createTokenSource } from 'renova/client';
const value = { access_token: 'fake-access-1', generation: 1, expires_in: 300 };
const fetch = async () => Response.json(value, { headers: { 'cache-control': 'private, max-age=150' } });
const source = createTokenSource({ credential: 'acme', via: 'read-api', url: 'https://api.example', fetch });
console.log((await source.getToken()).accessToken);
`;

const SIGNING_WORKLOAD = `
import { signedFetch } from 'renova/client';
const credentials = () => ({ accessKeyId: 'fake-key', secretAccessKey: 'fake-secret' });
const fetch = async (_, { headers }) => console.log(headers.authorization);
await signedFetch({ region: 'sa-east-1', credentials, fetch })('https://api.example/tokens/acme', { method: 'GET' });
`;
