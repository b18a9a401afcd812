// Registrations that come all at once, each with a dozen secrets to make, of which an account may make fifty a second.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { names } from '../../shared/config/names.ts';
import { amount } from '../runner/amount.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { operatorOf } from './operator.ts';
import { sandboxClient } from './sandbox-client.ts';

const MANY = amount({ test: 15, prove: 60 });
const ids = Array.from({ length: MANY }, (_, at) => `shop-${at + 1}`);

test(`${MANY} registrations at once all succeed, and none spends its token twice`, {
  timeout: 120_000 + MANY * 5000,
}, async (t) => {
  const stack = await startStackProcess(t, ['--env', 'prd', '--no-demo']);
  const sandbox = sandboxClient(stack.providerUrl);
  const operator = operatorOf(t, 'prd', stack.awsUrl);
  const lambda = new LambdaClient(testClientOptions(stack.awsUrl));
  t.after(() => lambda.destroy());
  const grants = await Promise.all(ids.map((id) => sandbox.grant(id)));
  const answers = await Promise.all(
    ids.map(async (credential, at) => {
      const { client, scope, refreshToken } = grants[at] ?? assert.fail();
      const event = {
        action: 'register',
        provider: 'bs2',
        credential,
        client,
        scope,
        refresh_token: refreshToken,
        token_url: sandbox.tokenUrl,
        mode: 'on-demand',
        publish: 'access',
      };
      const { Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: names('prd').adminFunction, Payload: JSON.stringify(event) }),
      );
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    }),
  );
  assert.deepEqual(
    answers.filter(({ error }) => error),
    [],
  );
  const listed = await operator.list();
  assert.deepEqual(listed.map(({ credential }) => credential).toSorted(), ids.toSorted());
  for (const { credential, state } of listed) assert.equal(state, 'active', credential);
  const { throttled, reused_refresh_tokens, busiest_window } = await sandbox.stats();
  assert.deepEqual([throttled, reused_refresh_tokens], [0, 0]);
  assert.ok(busiest_window <= 10, `${busiest_window} requests in a minute`);
});
