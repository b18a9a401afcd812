import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { VERSION } from '../../shared/config/version.ts';
import { aroundEngine, asNode } from '../support/node-version.ts';
import { fakeLambda } from './fake-lambda.ts';
import { HEALTHY } from './summaries.ts';

const BIN = fileURLToPath(new URL('../../cli/bin.js', import.meta.url));

/** A machine with no AWS configuration of its own. */
const BARE = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  RENOVA_OPERATOR: 'tester',
  AWS_EC2_METADATA_DISABLED: 'true',
  // Of the tests: a command starts in half of the time.
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
};
const AWS = { ...BARE, AWS_REGION: 'sa-east-1', AWS_ACCESS_KEY_ID: 'fake', AWS_SECRET_ACCESS_KEY: 'fake' };

async function renova(line: string, { stdin = '', environment = BARE as NodeJS.ProcessEnv } = {}) {
  // A command that goes on for ever by mistake is ended.
  const child = spawn(process.execPath, [BIN, ...line.split(' ')], { env: environment, timeout: 60_000 });
  child.stdin.end(stdin);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, exitCode };
}

test('a command goes to the admin function of the local stack', async (context) => {
  const lambda = await fakeLambda(context, () => ({ body: { credentials: [HEALTHY] } }));
  const { stdout, stderr, exitCode } = await renova(`list --local --local-port ${lambda.port}`);

  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.match(stdout, /^credential .*\nacme /);
  assert.deepEqual(lambda.invocations, [
    { functionName: 'renova-prd-admin', request: { action: 'list', by: 'tester' } },
  ]);
});

test('--local stays local, whatever the AWS configuration says', async (context) => {
  const lambda = await fakeLambda(context, () => ({ body: { credentials: [] } }));
  const environment = { ...AWS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_USE_FIPS_ENDPOINT: 'true' };
  const { exitCode } = await renova(`list --local --local-port ${lambda.port}`, { environment });
  assert.equal(exitCode, 0);
});

test('without --local the SDK finds its own way, to the environment that was said', async (context) => {
  const lambda = await fakeLambda(context, () => ({ body: { access_token: 'fake-access-token-1' } }));
  const environment = { ...AWS, AWS_ENDPOINT_URL: lambda.url };
  const { stdout, exitCode } = await renova('token acme --env hml', { environment });
  assert.deepEqual([exitCode, stdout], [0, 'fake-access-token-1\n']);
  assert.deepEqual(lambda.invocations, [
    { functionName: 'renova-hml-read', request: { credential: 'acme' } },
  ]);
});

test('secrets travel from standard input to the function and show nowhere', async (context) => {
  const lambda = await fakeLambda(context, ({ request }) => ({
    body: { credential: request.credential, state: 'active', generation: 1, steps: [], warnings: [] },
  }));
  const secrets = {
    client: { client_id: 'fake-client-id-1', client_secret: 'fake-client-secret-1' },
    refresh_token: 'fake-refresh-token-1',
  };
  const { stdout, stderr, exitCode } = await renova(
    `register acme --local --local-port ${lambda.port} --scope fake.read --secrets -`,
    { stdin: JSON.stringify(secrets) },
  );
  assert.equal(exitCode, 0);
  assert.equal(stdout, 'acme is registered (generation 1).\n');
  const settings = { credential: 'acme', provider: 'bs2', scope: 'fake.read' };
  const request = { action: 'register', by: 'tester', ...settings, ...secrets };
  assert.deepEqual(lambda.invocations[0]?.request, request);
  assert.doesNotMatch(stdout + stderr, /fake-/);
});

test('an error answer is a sentence and exit code 1', async (context) => {
  const error = { code: 'unknown-credential', message: 'There is no credential acme.' };
  const lambda = await fakeLambda(context, () => ({ body: { error } }));
  const { stdout, stderr, exitCode } = await renova(`pause acme --local --local-port ${lambda.port}`);
  assert.deepEqual([exitCode, stdout, stderr], [1, '', 'renova: There is no credential acme.\n']);
});

test('a function that failed is a sentence without its error message', async (context) => {
  const lambda = await fakeLambda(context, () => ({
    functionError: true,
    body: { errorType: 'Sandbox.Timedout', errorMessage: 'fake-secret-1 in a message' },
  }));
  const { stderr, exitCode } = await renova(`capacity --local --local-port ${lambda.port}`);
  assert.equal(exitCode, 1);
  assert.equal(
    stderr,
    'renova: The admin function failed (Sandbox.Timedout); look at the log of renova-prd-admin\n',
  );
});

test('a function that is not there, in the wrong environment or account', async (context) => {
  const lambda = await fakeLambda(context, () => ({
    status: 404,
    errorType: 'ResourceNotFoundException',
    body: { Message: 'Function not found' },
  }));
  const local = await renova(`list --local --local-port ${lambda.port}`);
  assert.equal(
    local.stderr,
    `renova: The local stack at http://127.0.0.1:${lambda.port} was started with another environment than prd\n` +
      'Name that one: --env hml (or set RENOVA_ENV).\n',
  );
  const environment = { ...AWS, AWS_ENDPOINT_URL: lambda.url };
  const aws = await renova('list --env hml', { environment });
  assert.equal(
    aws.stderr,
    'renova: renova-hml-admin does not exist: is the stack deployed in this account and region?\n',
  );
});

test('an answer that is not an object, and one that never came, are failures; nothing is sent twice', async (context) => {
  const odd = await fakeLambda(context, () => ({ body: 'Hello from Lambda!' }));
  const first = await renova(`list --local --local-port ${odd.port}`);
  assert.deepEqual([first.exitCode, first.stdout], [1, '']);
  assert.match(first.stderr, /^renova: renova-prd-admin answered something that is not a JSON object\n/);

  const broken = await fakeLambda(context, () => ({ status: 500, errorType: 'ServiceException', body: {} }));
  const second = await renova(`resume acme --local --local-port ${broken.port}`);
  assert.equal(second.exitCode, 1);
  assert.match(
    second.stderr,
    /^renova: No answer came from renova-prd-admin \(ServiceException\)\nIt may have happened/,
  );
  assert.equal(broken.invocations.length, 1);
});

test('a stack that is not running, a region and credentials that are not set, are said in a sentence', async () => {
  const [down, noRegion, noCredentials] = await Promise.all([
    renova('list --local --local-port 1'),
    renova('list --env prd'),
    renova('list --env prd', { environment: { ...BARE, AWS_REGION: 'sa-east-1' } }),
  ]);
  assert.equal(
    down.stderr,
    'renova: Cannot reach http://127.0.0.1:1: is the local stack running? (npm start)\n',
  );
  assert.match(noRegion.stderr, /^renova: No AWS region is configured\n/);
  assert.match(noCredentials.stderr, /^renova: No AWS credentials could be loaded\n/);
  assert.deepEqual([down.exitCode, noRegion.exitCode, noCredentials.exitCode], [1, 1, 1]);
});

const FULL = '/dev/full';
const noFull = existsSync(FULL) ? false : 'this machine has no device that is always full';

test('what cannot be printed is a sentence, with what the system says', { skip: noFull }, () => {
  const full = openSync(FULL, 'w');
  const { status, stderr } = spawnSync(process.execPath, [BIN, '--help'], {
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  assert.equal(status, 1);
  assert.match(String(stderr), /^renova: standard output cannot be written \(ENOSPC\): [^\n]+\n$/);
});

test('wrong usage exits with 2', async () => {
  const { stderr, exitCode } = await renova('register acme --refresh-token fake-refresh-token-1');
  assert.equal(exitCode, 2);
  assert.match(stderr, /^renova: a secret is never taken from an argument/);
  assert.doesNotMatch(stderr, /fake-/);
});

test('AWS is reached through the proxy that HTTPS_PROXY names, and the local stack is not', async (context) => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer().on('connect', ({ url }, socket) => {
    asked.push(url);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  context.after(() => proxy.close());
  const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  const refused = await renova('list --env prd', { environment: { ...AWS, HTTPS_PROXY } });
  assert.equal(refused.exitCode, 1);
  assert.deepEqual(asked, ['lambda.sa-east-1.amazonaws.com:443']);

  const lambda = await fakeLambda(context, () => ({ body: { credentials: [] } }));
  const environment = { ...AWS, HTTPS_PROXY, HTTP_PROXY: HTTPS_PROXY };
  const { exitCode } = await renova(`list --local --local-port ${lambda.port}`, { environment });
  assert.deepEqual([exitCode, asked.length], [0, 1]);
});

test('a profile that asks for an MFA code is told as such, with the command that hands its credentials over', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'renova-profile-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'config');
  writeFileSync(file, MFA_PROFILE);
  const environment = { ...BARE, AWS_CONFIG_FILE: file, AWS_PROFILE: 'operator' };
  const { exitCode, stderr } = await renova('list --env prd', { environment });
  assert.equal(exitCode, 1);
  assert.match(stderr, /profile asks for an MFA code/);
  assert.match(stderr, /eval "\$\(aws configure export-credentials --profile operator --format env\)"/);
});

test('a profile that there is not is told as such, by commands and by the agent before it serves anything', async () => {
  const environment = { ...BARE, AWS_PROFILE: 'fake-missing' };
  for (const line of ['list --env prd', 'agent --credential acme --listen 127.0.0.1:0 --env prd']) {
    const { exitCode, stdout, stderr } = await renova(line, { environment });
    assert.deepEqual([exitCode, stdout], [1, ''], line);
    assert.match(stderr, /^renova: The profile in AWS_PROFILE does not exist\n/, line);
  }
});

test('a Node that is older than package.json says is told as such', () => {
  const { old, first } = aroundEngine(manifest.engines);
  const versionBy = (node: string) =>
    spawnSync(process.execPath, [...asNode(node), BIN, '--version'], { encoding: 'utf8', env: BARE });
  const refused = versionBy(old);
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    new RegExp(`^renova: Node ${parseInt(first, 10)} or newer is needed and this is ${old};`),
  );
  assert.equal(versionBy(first).stdout, `${VERSION}\n`);
});

const MFA_PROFILE = `[profile operator]
role_arn = arn:aws:iam::111111111111:role/fake-operator
source_profile = base
mfa_serial = arn:aws:iam::111111111111:mfa/fake
region = sa-east-1
[profile base]
aws_access_key_id = fake
aws_secret_access_key = fake
`;
