// Many credentials of one app on a running stack, from a file: applied, refreshed, moved and removed. Their provider
// shuts out whoever exceeds its quota, and its record is the witness.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { names } from '../../shared/config/names.ts';
import { amount } from '../runner/amount.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { COMMANDS_PROGRAM } from '../support/programs.ts';
import { killedWithUs, startStackProcess } from '../support/stack-process.ts';

const MANY = amount({ test: 4, prove: 300, variable: 'RENOVA_MANY_CREDENTIALS' });
const ENV = 'prd';
/** 19 token requests in a minute, and one more shuts this machine out for an hour; many have a minute of 3 s. */
const SCALE = amount({ test: 1, prove: 20 });
const AT_ONCE = 4;
const CLIENT = { client_id: 'fake-erp', client_secret: 'fake-erp-secret' };
const ids = Array.from({ length: MANY }, (_, at) => `shop-${at + 1}`);

test(`${MANY} credentials are applied, refreshed, moved to an app and back, and removed`, {
  timeout: 600_000 + MANY * 3000,
}, async (t) => {
  const args = ['--env', ENV, '--scale', `${SCALE}`, '--no-demo', '--provider', 'bling'];
  const stack = await startStackProcess(t, args);
  const folder = mkdtempSync(join(tmpdir(), 'renova-many-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const administer = adminOf(t, stack.awsUrl);
  const stats = async () =>
    (await (await fetch(`${stack.providerUrl}/_sandbox/stats`)).json()) as Readonly<Record<string, number>>;
  const apply = async (text: string) => {
    const file = join(folder, 'credentials.yaml');
    writeFileSync(file, text);
    return renova(t, stack.awsUrl, ['apply', '-f', file]);
  };
  const all = async () => (await administer({ action: 'list' })).credentials as readonly Listed[];
  const assertWell = async (generation: number, app?: string) => {
    const listed = await all();
    assert.equal(listed.length, MANY);
    for (const one of listed) {
      assert.deepEqual([one.state, one.reason, one.app], ['active', undefined, app], one.credential);
      assert.ok(one.generation >= generation, `${one.credential}: generation ${one.generation}`);
    }
    const { throttled, reused_refresh_tokens, busiest_window = 0, issued = 0 } = await stats();
    assert.deepEqual([throttled, reused_refresh_tokens], [0, 0]);
    assert.ok(busiest_window <= 19, `${busiest_window} requests in a window of 19`);
    assert.ok(issued >= generation * MANY, `${issued} tokens were issued`);
  };

  // Each with a client of its own, which is the same one.
  for (const id of ids) {
    const refresh_token = await grant(stack.providerUrl);
    writeFileSync(join(folder, `${id}.json`), JSON.stringify({ client: CLIENT, refresh_token }));
  }
  const file = (more: string) =>
    `credentials:\n${ids.map((id) => `  ${id}: {provider: bling, secrets: {file: ${folder}/${id}.json}${more}}`).join('\n')}\n`;
  const first = await apply(file(''));
  assert.equal(first.exitCode, 0, first.printed);
  assert.match(first.printed, new RegExp(`^${MANY} done, 0 as declared, 0 failed$`, 'm'));
  await allAtOnce(ids, (id) => untilRefreshed(administer, id, 1));
  await assertWell(1);

  await allAtOnce(ids, (id) => untilRefreshed(administer, id, 2));
  await assertWell(2);

  writeFileSync(join(folder, 'erp.json'), JSON.stringify({ client: CLIENT }));
  const apps = `apps:\n  erp: {secrets: {file: ${folder}/erp.json}}\n`;
  const moved = await apply(apps + file(', app: erp'));
  assert.equal(moved.exitCode, 0, moved.printed);
  assert.match(moved.printed, new RegExp(`^${MANY + 1} done, 0 as declared, 0 failed$`, 'm'));
  await allAtOnce(ids, (id) => untilRefreshed(administer, id, 3));
  await assertWell(3, 'erp');
  const again = await apply(apps + file(', app: erp'));
  assert.match(again.printed, new RegExp(`^0 done, ${MANY + 1} as declared, 0 failed$`, 'm'));

  await allAtOnce(ids, async (credential) => {
    await administer({ action: 'update', credential, app: null, client: CLIENT });
    await untilRefreshed(administer, credential, 4);
  });
  await assertWell(4);

  await allAtOnce(ids, (credential) => administer({ action: 'remove', credential }));
  await administer({ action: 'app-remove', app: 'erp' });
  assert.deepEqual(await all(), []);
  const { issued } = await stats();
  t.diagnostic(`${issued} tokens of ${MANY} credentials`);
});

interface Listed {
  readonly credential: string;
  readonly state: string;
  readonly generation: number;
  readonly reason?: string;
  readonly app?: string;
}

/** What a store did not answer is asked again, as the message says: at this scale its time-outs are short. */
const TRIES = 5;

type Administer = (event: object) => Promise<Readonly<Record<string, unknown>>>;

function adminOf(t: TestContext, awsUrl: string): Administer {
  const lambda = new LambdaClient(testClientOptions(awsUrl));
  t.after(() => lambda.destroy());
  return async (event) => {
    const { adminFunction: FunctionName } = names(ENV);
    const sent = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
    for (let tries = 1; ; tries += 1) {
      const { Payload } = await lambda.send(sent);
      const answer = JSON.parse(Buffer.from(Payload ?? []).toString());
      if (answer.error?.code === 'store-unavailable' && tries < TRIES) continue;
      assert.equal(answer.error, undefined, JSON.stringify(answer.error));
      return answer;
    }
  };
}

/** Asks for refreshes until a generation is reached: a permit may take a while, and a tick may have been first. */
async function untilRefreshed(administer: Administer, credential: string, generation: number): Promise<void> {
  for (let asked = 0; asked < 20; asked += 1) {
    const now = await administer({ action: 'status', credential });
    if (Number(now.generation) >= generation) return;
    await administer({ action: 'refresh', credential, force: true });
  }
  assert.fail(`${credential} does not reach generation ${generation}`);
}

async function allAtOnce(all: readonly string[], act: (id: string) => Promise<unknown>): Promise<void> {
  const queue = [...all];
  const worker = async () => {
    for (let id = queue.shift(); id; id = queue.shift()) await act(id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function grant(providerUrl: string): Promise<string> {
  const body = JSON.stringify({ ...CLIENT, scope: 'fake.read' });
  const answer = await fetch(`${providerUrl}/_sandbox/refresh-tokens`, { method: 'POST', body });
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}

async function renova(t: TestContext, awsUrl: string, line: readonly string[]) {
  const place = ['--env', ENV, '--local', '--local-port', new URL(awsUrl).port];
  const child = spawn(process.execPath, [COMMANDS_PROGRAM, ...line, ...place], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  killedWithUs(child);
  t.after(() => child.kill('SIGKILL'));
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk;
    });
  }
  const [exitCode] = (await once(child, 'close')) as (number | null)[];
  return { exitCode, printed };
}
