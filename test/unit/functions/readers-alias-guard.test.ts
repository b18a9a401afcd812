import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { assertMaySend, NotForReadersError } from '../../../functions/readers-alias-guard.ts';
import { names } from '../../../shared/config/names.ts';
import { startRefreshRuntime } from './refresh-runtime.ts';

const ENV = 'hml';
const { refreshFunction } = names(ENV);
const ARN = `arn:aws:lambda:us-east-1:000000000000:function:${refreshFunction}`;

const OF_READERS: readonly object[] = [
  { action: 'refresh', credential: 'acme', wait_ms: 0 },
  { action: 'refresh', credential: 'acme', if_generation: 7, refused: true, wait_ms: 8000 },
  { action: 'refresh', credential: 'acme', force: false },
];
const OF_OTHERS: readonly unknown[] = [
  {},
  { source: 'aws.scheduler' },
  null,
  'refresh',
  { action: 'refresh', credential: 'acme', force: true },
  { action: 'refresh', credential: 'acme', force: 'fake-sentinel' },
  { action: 'refresh', credential: 'acme', wait_ms: 8001 },
  { action: 'refresh', credential: 'acme', wait_ms: 1e12 },
  ...[-1, null, '20', [20], {}, true].map((wait_ms) => ({
    action: 'refresh',
    credential: 'acme',
    wait_ms,
  })),
  { action: 'refresh', credential: 'acme', if_generation: -1 },
  { action: 'refresh', credential: 'acme', other: 'fake-sentinel' },
  { action: 'refresh' },
  { action: 'unreadable-answers', credential: 'acme' },
  { action: 'reseed', credential: 'acme', chain: 'c', refresh_token: 'fake-sentinel' },
  { action: 'seed', settings: {}, chain: 'c', lanes: 1, refresh_token: 'fake-sentinel' },
  { action: 'update-client', credential: 'acme', changes: { client_secret: 'fake-sentinel' } },
  { action: 'recover', credential: 'acme' },
  { action: 'rotate-seal' },
  { action: 'test-alert', code: '1234' },
  { action: 'networks', settings: {}, login: { password: 'fake-sentinel' } },
  { action: 'fake-sentinel' },
];

describe('what may come through the alias for readers', () => {
  for (const event of OF_READERS) {
    it(`is ${JSON.stringify(event)}`, () => assertMaySend(`${ARN}:readers`, event));
  }

  for (const event of OF_OTHERS) {
    it(`is not ${JSON.stringify(event)}, which may come by another name`, () => {
      assert.throws(
        () => assertMaySend(`${ARN}:readers`, event),
        (error) => {
          assert.ok(error instanceof NotForReadersError);
          assert.equal(error.code, 'not-for-readers');
          assert.doesNotMatch(inspect(error), /sentinel/);
          return true;
        },
      );
      for (const arn of [ARN, `${ARN}:$LATEST`]) assertMaySend(arn, event);
    });
  }
});

describe('the refresh function, invoked by its alias for readers', () => {
  it('refreshes', async (t) => {
    const { invoke } = await startRefreshFunction(t);
    const { failed, answer } = await invoke({ action: 'refresh', credential: 'nobody' }, 'readers');
    assert.equal(failed, false, JSON.stringify(answer));
    assert.equal(answer.result, 'unknown-credential');
  });

  it('refuses everything else, a tick too, and logs that with nothing of the message', async (t) => {
    const { invoke, text, output } = await startRefreshFunction(t);
    const refused = [
      {},
      { action: 'reseed', credential: 'acme', chain: 'c', refresh_token: 'fake-sentinel' },
    ];
    for (const event of refused) {
      const { failed, answer } = await invoke(event, 'readers');
      assert.deepEqual([failed, answer.errorType], [true, 'NotForReadersError']);
    }
    const logged = () => text().match(/"message":"message refused"[^\n]*"code":"not-for-readers"/g) ?? [];
    while (logged().length < refused.length) await once(output, 'printed');
    assert.doesNotMatch(text(), /sentinel|"message":"tick"/);
  });

  it('takes by its own name what it refuses by the alias', async (t) => {
    const { invoke } = await startRefreshFunction(t);
    const { failed, answer } = await invoke({ action: 'recover', credential: 'nobody' });
    assert.deepEqual([failed, answer.result], [false, 'unknown-credential']);
  });
});

/** The refresh function, and all that it prints. */
async function startRefreshFunction(t: TestContext) {
  const { runtime, output, text } = await startRefreshRuntime(t, ENV, 'INFO');
  const invoke = async (event: object, qualifier?: string) => {
    const { failed, payload } = await runtime.invoke(refreshFunction, JSON.stringify(event), qualifier);
    return { failed, answer: JSON.parse(payload) as { result?: string; errorType?: string } };
  };
  return { invoke, output, text };
}
