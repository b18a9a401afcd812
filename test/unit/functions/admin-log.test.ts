import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { functionDefinitions } from '../../../local/lambda/functions.ts';
import { names } from '../../../shared/config/names.ts';
import { runRuntime } from '../../local/lambda/running-runtime.ts';
import { closedPort } from '../token-endpoint/loopback-server.ts';

const { adminFunction } = names('hml');

/** What the admin function answers, and the first line that it logs, when no store answers it. */
async function ask(t: TestContext, event: object) {
  const awsUrl = `http://127.0.0.1:${await closedPort()}`;
  const setting = { env: 'hml', scale: 1, awsUrl, logLevel: 'DEBUG', inherited: {} } as const;
  const functions = functionDefinitions(setting).filter(({ name }) => name === adminFunction);
  const { runtime, printed, output } = runRuntime(t, { functions });
  const { payload } = await runtime.invoke(adminFunction, JSON.stringify(event));
  while (!printed.join('').includes('\n')) await once(output, 'printed');
  const [line] = printed.join('').split('\n');
  return { answer: JSON.parse(payload), logged: JSON.parse(line ?? ''), text: printed.join('') };
}

describe('the log of the admin function', () => {
  it('has a request that cannot be met as information, with its code', async (t) => {
    const { answer, logged, text } = await ask(t, { action: 'sentinel' });
    assert.equal(answer.error.code, 'unknown-action');
    assert.deepEqual([logged.level, logged.code, logged.field], ['INFO', 'unknown-action', 'action']);
    assert.doesNotMatch(text, /sentinel|ERROR/);
  });

  it('has no name that the caller made up, however deep', async (t) => {
    const event = { action: 'register', credential: 'acme', client: { 'fake-sentinel': '' } };
    const { answer, logged, text } = await ask(t, event);
    assert.equal(answer.error.code, 'invalid-request');
    assert.deepEqual([logged.level, logged.code, logged.field], ['INFO', 'invalid-request', undefined]);
    assert.doesNotMatch(text, /sentinel/);
  });

  it('has a store that does not answer as an error', async (t) => {
    const { answer, logged } = await ask(t, { action: 'list' });
    assert.equal(answer.error.code, 'store-unavailable');
    assert.deepEqual([logged.level, logged.code], ['ERROR', 'store-unavailable']);
  });
});
