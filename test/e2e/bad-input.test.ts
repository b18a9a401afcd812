import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { names } from '../../shared/config/names.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { type RunningStack, startStack } from './running-stack.ts';
import { secretNames } from './secret-search.ts';
import { Shop } from './shop.ts';
import {
  MEBIBYTE,
  type Request,
  SENTINEL,
  wrongCommands,
  wrongMembers,
  wrongRegistrations,
} from './wrong-requests.ts';

test('what cannot be done is said in one sentence, and nothing of it is done', {
  timeout: 600_000,
}, async (t) => {
  const stack = await startStack(t, { args: ['--scale', '30'] });
  const shop = new Shop(t, 'acme', stack);
  const invoke = adminOf(t, stack);
  await shop.register();
  const good: Request = {
    action: 'register',
    credential: 'new',
    scope: shop.scope,
    token_url: shop.tokenUrl,
    client: shop.client,
    refresh_token: await shop.newRefreshToken(),
  };

  for (const { words, stdin, exitCode, says } of [
    ...wrongCommands(shop),
    ...wrongRegistrations(shop, good),
  ]) {
    await t.test(`${words.slice(0, 2).join(' ')}: ${says.source}`, async () => {
      const { stdout, stderr } = await shop.person.inProcess(words, { stdin, exitCode });
      assert.equal(stdout, '');
      assert.match(stderr, says);
      assert.match(stderr, /^renova: [^\n]+\n([^\n]+\n)?$/, 'a sentence, and perhaps what to do');
      assert.doesNotMatch(stderr, /sentinel/);
    });
  }

  await t.test('a program that reads no more ends all the same, and so does who writes to it', async () => {
    const stdin = JSON.stringify({ refresh_token: SENTINEL.repeat(400_000) });
    const { stderr } = await shop.person.renova(['reseed', 'acme', '--secrets', '-'], { stdin, exitCode: 2 });
    assert.equal(stderr, 'renova: the secrets on standard input must be at most 64 KiB\n');
  });

  await t.test('requests to the admin function name the member', async () => {
    for (const [field, more] of wrongMembers()) {
      const { error } = await invoke({ ...good, ...more });
      assert.equal(error?.field, field, JSON.stringify(error));
      assert.ok(error?.message.startsWith(`${field}: `), error?.message);
      assert.doesNotMatch(JSON.stringify(error), /sentinel/);
    }
  });

  await t.test('bodies of megabytes, and what is not JSON, are refused at every door', () =>
    refusedBodies(stack, invoke, good),
  );

  await t.test('nothing was registered, stored or changed', async () => {
    const { stdout } = await shop.person.renova(['list', '--json']);
    const { credentials } = JSON.parse(stdout);
    assert.deepEqual(
      credentials.map(({ credential, state }: { credential: string; state: string }) => [credential, state]),
      [['acme', 'active']],
    );
    assert.equal(credentials[0].token_url, shop.tokenUrl);
    const kept = await secretNames(stack.awsUrl);
    assert.deepEqual(
      kept.filter((name) => !/^renova\/prd\/(acme\/(client|token\/\d+)|seal\/(access|refresh))$/.test(name)),
      [],
    );
    assert.doesNotMatch(shop.person.shown.join('\n'), /sentinel/);
    await shop.assertHealthy();
  });
});

type Answer = Readonly<Record<string, unknown>> & {
  readonly error?: { readonly code: string; readonly message: string; readonly field?: string };
};

function adminOf(t: TestContext, { awsUrl }: RunningStack) {
  const lambda = new LambdaClient(testClientOptions(awsUrl));
  t.after(() => lambda.destroy());
  return async (request: unknown): Promise<Answer> => {
    const Payload = typeof request === 'string' ? request : JSON.stringify(request);
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: names('prd').adminFunction, Payload }),
    );
    assert.equal(answer.FunctionError, undefined);
    return JSON.parse(answer.Payload?.transformToString() ?? '');
  };
}

async function refusedBodies(
  { awsUrl, apiUrl }: RunningStack,
  invoke: (request: unknown) => Promise<Answer>,
  good: Request,
): Promise<void> {
  await assert.rejects(invoke('{"action": "register", '), { name: 'InvalidRequestContentException' });
  for (const value of ['null', '[]', '"register"', '5', '{}']) {
    assert.match((await invoke(value)).error?.message ?? '', /^action: is missing; expected one of register/);
  }
  const tooLong = 'a'.repeat(17 * MEBIBYTE);
  await assert.rejects(invoke({ ...good, extra: { a: tooLong } }), { name: 'RequestTooLarge' });
  const signed = {
    authorization: 'AWS4-HMAC-SHA256 Credential=fake/20260101/us-east-1/secretsmanager/aws4_request',
  };
  const target = { 'x-amz-target': 'secretsmanager.ListSecrets' };
  const aws = async (body: string) => {
    const response = await fetch(awsUrl, { method: 'POST', headers: { ...signed, ...target }, body });
    return [response.status, ((await response.json()) as { __type: string }).__type];
  };
  assert.deepEqual(await aws('{"not'), [400, 'SerializationException']);
  assert.deepEqual(await aws(tooLong), [413, 'RequestTooLarge']);
  const reader = async (body: string) => {
    const response = await fetch(`${apiUrl}/tokens/acme/refused`, { method: 'POST', body });
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  assert.deepEqual(await reader('{"generation": '), [400, 'invalid-request']);
  assert.deepEqual(await reader('{"generation": "1"}'), [400, 'invalid-request']);
  assert.deepEqual(await reader('a'.repeat(2 * MEBIBYTE)), [413, 'body-too-long']);
}
