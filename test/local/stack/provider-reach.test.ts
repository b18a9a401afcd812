// Nothing leaves loopback by accident, and the sandbox can be as strict as the bank.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { StackOptions } from '../../../local/options.ts';
import { startStack } from '../../../local/stack.ts';
import { testClientOptions } from '../../support/aws-clients.ts';

const CLIENT = { client_id: 'fake-client-id', client_secret: 'fake-client-secret' };
const SCOPE = 'fake.charges.read';

async function run(context: TestContext, changes: Partial<StackOptions> = {}) {
  const ports = { port: 0, apiPort: 0, providerPort: 0 };
  const stack = await startStack(
    { env: 'prd', scale: 1, ...ports, parts: 'all', demo: false, allowRemoteProvider: false, ...changes },
    { variables: {} },
  );
  context.after(() => stack.stop());
  const lambda = new LambdaClient(testClientOptions(stack.awsUrl ?? ''));
  context.after(() => lambda.destroy());
  const admin = async (message: object) => {
    const Payload = JSON.stringify(message);
    const answer = await lambda.send(new InvokeCommand({ FunctionName: 'renova-prd-admin', Payload }));
    return JSON.parse(answer.Payload?.transformToString() ?? '');
  };
  const response = await fetch(`${stack.providerUrl}/_sandbox/refresh-tokens`, {
    method: 'POST',
    body: JSON.stringify({ ...CLIENT, scope: SCOPE }),
  });
  const { refresh_token } = (await response.json()) as { refresh_token: string };
  const register = (more: object) =>
    admin({
      action: 'register',
      credential: 'acme',
      provider: 'oauth2',
      client_auth: 'post',
      scope: SCOPE,
      client: CLIENT,
      refresh_token,
      ...more,
    });
  return { stack, admin, register };
}

test('a registration without a URL goes to the sandbox, one for another machine is refused and posts nothing', async (t) => {
  const { stack, register } = await run(t);
  const token_url = 'https://192.0.2.1/auth/oauth/v2/token';
  const { error } = await register({ token_url });
  assert.deepEqual([error.code, error.field], ['invalid-token-url', 'token_url']);
  const registered = await register({ provider: 'bs2', client_auth: undefined });
  assert.equal(registered.generation, 1);
  assert.equal(registered.token_url, `${stack.providerUrl}/auth/oauth/v2/token`);
});
