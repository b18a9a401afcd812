import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { demoUserAgent, registerDemo } from '../../../local/demo.ts';
import { runProvider } from '../sandboxes/provider/running-provider.ts';

/** An admin function that answers each action as scripted, and notes what it was asked. */
async function run(context: TestContext, answers: Record<string, object>, failed = false) {
  const userAgent = 'fake-bank-code';
  const { url } = await runProvider(context);
  const asked: Record<string, unknown>[] = [];
  const invokeAdmin = async (event: string) => {
    const request = JSON.parse(event);
    asked.push(request);
    return { payload: JSON.stringify(answers[request.action]), failed };
  };
  return { asked, url, outcome: await registerDemo({ providerUrl: url, userAgent, invokeAdmin }) };
}

describe('the demo', () => {
  test('sends the code that the sandbox demands, and in production, as the bank asks, one in any case', () => {
    assert.equal(demoUserAgent({ env: 'hml', requireUserAgent: 'fake-bank-code' }), 'fake-bank-code');
    assert.equal(demoUserAgent({ env: 'prd', requireUserAgent: undefined }), 'demo-code');
    assert.equal(demoUserAgent({ env: 'hml', requireUserAgent: undefined }), undefined);
  });

  test('is registered with a refresh token of the sandbox', async (context) => {
    const { asked, outcome, url } = await run(context, { list: { credentials: [] }, register: {} });
    assert.deepEqual(outcome, { result: 'registered' });
    const { refresh_token, ...request } = asked[1] ?? {};
    assert.equal(request.token_url, `${url}/auth/oauth/v2/token`);
    assert.equal(request.credential, 'demo');
    assert.equal(request.user_agent, 'fake-bank-code');
    assert.match(String(refresh_token), /^[0-9a-f-]{36}$/);
  });

  test('that is registered already is left alone', async (context) => {
    const { asked, outcome } = await run(context, { list: { credentials: [{ credential: 'demo' }] } });
    assert.deepEqual(outcome, { result: 'kept' });
    assert.equal(asked.length, 1);
  });

  test('follows the sandbox to another port, and leaves any other URL alone', async (context) => {
    const at = (token_url: string) => ({ list: { credentials: [{ credential: 'demo', token_url }] } });
    const { asked, outcome, url } = await run(context, {
      ...at('http://127.0.0.1:1/auth/oauth/v2/token'),
      update: {},
    });
    assert.deepEqual(outcome, { result: 'moved' });
    const token_url = `${url}/auth/oauth/v2/token`;
    assert.deepEqual(asked.slice(1), [{ action: 'update', credential: 'demo', token_url }]);
    const refused = {
      ...at('http://127.0.0.1:1/auth/oauth/v2/token'),
      update: { error: { code: 'fake-code' } },
    };
    assert.deepEqual((await run(context, refused)).outcome, { result: 'failed', reason: 'fake-code' });
    for (const own of ['https://api.bs2.com/auth/oauth/v2/token', 'http://127.0.0.1:1/token']) {
      const left = await run(context, at(own));
      assert.deepEqual([left.outcome, left.asked.length], [{ result: 'kept' }, 1]);
    }
  });

  test('that is refused, or fails, says why and harms nobody', async (context) => {
    const refused = { list: { credentials: [] }, register: { error: { code: 'quota-exceeded' } } };
    assert.deepEqual((await run(context, refused)).outcome, { result: 'failed', reason: 'quota-exceeded' });
    const crash = { errorType: 'EnvironmentError', errorMessage: 'fake' };
    assert.deepEqual((await run(context, { list: crash, register: crash }, true)).outcome, {
      result: 'failed',
      reason: 'EnvironmentError',
    });
    const invokeAdmin = async () => ({ payload: '{}', failed: false });
    const { result } = await registerDemo({
      providerUrl: 'http://127.0.0.1:1',
      userAgent: undefined,
      invokeAdmin,
    });
    assert.equal(result, 'failed');
  });
});
