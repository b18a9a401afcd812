// renova login as a person has it: the command line, a real browser, and three kinds of authorization server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../console/browser.ts';
import { operatorOf } from '../integration/operator.ts';
import { findChromium } from '../support/optional-tools.ts';
import { COMMANDS_PROGRAM } from '../support/programs.ts';
import { killedWithUs, type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { certifiedServer, NATIVE_CLIENT } from './certified-server.ts';
import { post } from './played-profiles.ts';
import { serveOnLoopback } from './provider-world.ts';

const CLIENT = { client_id: 'fake-login-client', client_secret: 'fake-login-secret' };
const SCOPE = 'fake.read';
const ENV = 'hml';
const { skip } = findChromium();

describe('renova login in a real browser', { skip, timeout: 600_000 }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  test('a certified OpenID provider: user, password and consent', async (t) => {
    const stack = await startStackProcess(t, ['--env', ENV, '--no-demo']);
    const server = await servePersons(t);
    const command = renova(
      t,
      stack,
      [
        ...['login', 'erp', '--provider', 'oauth2', '--scope', 'openid offline_access'],
        ...['--authorize-url', `${server.url}/auth?prompt=consent`, '--token-url', `${server.url}/token`],
      ],
      NATIVE_CLIENT,
    );
    const page = await open(t, browser, await command.url);
    await page.locator('input[name=login]').fill('fake-person');
    await page.locator('input[name=password]').fill('fake-password');
    await page.locator('button[type=submit]').click();
    await page.locator('button[type=submit]:has-text("Continue")').click();
    await arrived(page);
    const { exitCode, stdout, stderr } = await command.ended;
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /erp is registered \(generation 1\)/);
    const { access_token } = await operatorOf(t, ENV, stack.awsUrl).read('erp');
    assert.ok(await server.accepts(access_token));
    assert.ok(!(stdout + stderr).includes(access_token));
  });

  test('the consent of BS2, its refusal, and a new chain with one command and a click', async (t) => {
    const stack = await startStackProcess(t, ['--env', ENV, '--no-demo']);
    await post(`${stack.providerUrl}/_sandbox/clients`, { ...CLIENT, scope: SCOPE });
    const line = ['login', 'pay', '--provider', 'bs2', '--scope', SCOPE];
    const refusing = renova(t, stack, line, CLIENT);
    const refusal = await open(t, browser, await refusing.url);
    assert.match(refusal.url(), /\/api-banking\/auth\/oauth\/v2\/authorize\?/);
    await refusal.getByRole('button', { name: 'Refuse' }).click();
    await arrived(refusal);
    const refused = await refusing.ended;
    assert.equal(refused.exitCode, 1);
    assert.match(
      refused.stderr,
      /renova: the provider was told not to allow it \(access_denied\); nothing was changed/,
    );

    const first = await allow(t, browser, renova(t, stack, line, CLIENT));
    assert.match(first.stdout, /pay is registered \(generation 1\)/, first.stderr);
    const again = await allow(t, browser, renova(t, stack, ['login', 'pay', '--reseed']));
    assert.match(again.stdout, /pay has a new chain \(generation 2\)/, again.stderr);
    const operator = operatorOf(t, ENV, stack.awsUrl);
    const { access_token: authorization } = await operator.read('pay');
    const headers = { authorization: `Bearer ${authorization}` };
    assert.equal((await fetch(`${stack.providerUrl}/resource`, { headers })).status, 200);
    const stats = (await (await fetch(`${stack.providerUrl}/_sandbox/stats`)).json()) as Record<
      string,
      number
    >;
    assert.deepEqual([stats.reused_refresh_tokens, stats.throttled], [0, 0]);
  });

  test('the sandbox that plays QuickBooks, its redirect, and one that answers another login', async (t) => {
    const stack = await startStackProcess(t, ['--env', ENV, '--no-demo', '--provider', 'quickbooks']);
    await post(`${stack.providerUrl}/_sandbox/clients`, { ...CLIENT, scope: SCOPE });
    const line = ['login', 'books', '--provider', 'quickbooks'];
    const other = renova(t, stack, line, CLIENT);
    const redirect = new URL(new URL(await other.url).searchParams.get('redirect_uri') ?? '');
    redirect.search = '?code=fake-code&state=fake-state';
    await arrived(await open(t, browser, redirect.href));
    const refused = await other.ended;
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /its state is another\); nothing was changed/);

    const done = await allow(t, browser, renova(t, stack, line, CLIENT));
    assert.match(done.stdout, /books is registered \(generation 1\)/, done.stderr);
    const { fields } = await operatorOf(t, ENV, stack.awsUrl).read('books');
    assert.equal(fields?.realmId, '4620816365');
  });

  test('a code that is entered in another browser', async (t) => {
    const stack = await startStackProcess(t, [
      '--env',
      ENV,
      '--no-demo',
      '--provider',
      'google',
      '--scale',
      '5',
    ]);
    await post(`${stack.providerUrl}/_sandbox/clients`, { ...CLIENT, scope: SCOPE });
    const command = renova(t, stack, ['login', 'tv', '--provider', 'google', '--device'], CLIENT);
    const page = await open(t, browser, await command.url);
    const code =
      /^ {2}([A-Z]{4}-[A-Z]{4})$/m.exec(await command.shown(/^ {2}[A-Z]{4}-[A-Z]{4}$/m))?.[1] ?? '';
    await page.getByLabel('Code on the device').fill(code.toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByRole('heading', { name: 'The device is let in.' }).waitFor();
    const { exitCode, stdout, stderr } = await command.ended;
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /tv is registered \(generation 1\)/);
  });
});

interface RunningCommand {
  /** Where the person is sent to. */
  readonly url: Promise<string>;
  /** What is on the terminal once it shows this. */
  shown(what: RegExp): Promise<string>;
  readonly ended: Promise<{
    readonly exitCode: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** The command line as a process of its own, on a machine that has no browser to open. */
function renova(
  t: TestContext,
  { awsUrl }: StackProcess,
  line: readonly string[],
  client?: object,
): RunningCommand {
  const place = ['--env', ENV, '--local', '--local-port', new URL(awsUrl).port];
  const secrets = client ? ['--secrets', '-'] : [];
  const child = spawn(process.execPath, [COMMANDS_PROGRAM, ...line, ...secrets, ...place], {
    stdio: 'pipe',
    env: { ...process.env, PATH: '', NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  killedWithUs(child);
  t.after(() => child.kill('SIGKILL'));
  child.stdin.end(client ? JSON.stringify({ client }) : '');
  let [stdout, stderr] = ['', ''];
  const waiting = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
    for (const look of waiting) look();
  });
  const ended = once(child, 'close').then(([exitCode]: (number | null)[]) => {
    for (const look of waiting) look();
    return { exitCode: exitCode ?? null, stdout, stderr };
  });
  const shown = (what: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => what.test(stderr) && resolve(stderr);
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`The command ended before it showed ${what}:\n${stderr}`)));
    });
  const url = shown(/^ {2}http:\S+$/m).then((text) => /^ {2}(http:\S+)$/m.exec(text)?.[1] ?? '');
  url.catch(() => undefined);
  return { url, shown, ended };
}

async function open(t: TestContext, browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(url);
  return page;
}

async function allow(t: TestContext, browser: Browser, command: RunningCommand) {
  const page = await open(t, browser, await command.url);
  await page.getByRole('button', { name: 'Allow' }).click();
  await arrived(page);
  return command.ended;
}

/** The redirect has come to the command, which answers with a page of its own. */
function arrived(page: Page): Promise<void> {
  return page.getByRole('heading', { name: 'Back to the terminal' }).waitFor();
}

async function servePersons(t: TestContext) {
  let certified: ReturnType<typeof certifiedServer> | undefined;
  const { url, close } = await serveOnLoopback((at) => {
    certified = certifiedServer(at, { persons: true });
    return certified.listener;
  });
  t.after(close);
  return { url, accepts: (token: string) => certified?.accepts(token) ?? Promise.resolve(false) };
}
