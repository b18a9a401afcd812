import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { UnknownFunctionError } from '../../../local/lambda/lambda-runtime.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { definition, runRuntime } from './running-runtime.ts';

const ask = (what: string) => JSON.stringify({ do: what });

describe('the Lambda runtime', () => {
  test('gives the handler its event and gives back its result, as JSON', async (context) => {
    const { runtime } = runRuntime(context);
    const { payload, failed } = await runtime.invoke('scripted', '{"a":[1,null]}');
    assert.deepEqual(
      { answer: JSON.parse(payload), failed },
      { answer: { echo: { a: [1, null] } }, failed: false },
    );
    assert.equal((await runtime.invoke('scripted', ask('nothing'))).payload, 'null');
  });

  test('gives the handler a context and an environment of its own', async (context) => {
    const { runtime } = runRuntime(context);
    const { remainingMs, ...described } = JSON.parse(
      (await runtime.invoke('scripted', ask('describe'))).payload,
    );
    assert.deepEqual(described, {
      name: 'scripted',
      arn: 'arn:aws:lambda:us-east-1:000000000000:function:scripted',
      memory: '256',
      logGroup: '/aws/lambda/scripted',
      variable: 'fake value',
    });
    assert.ok(remainingMs > 0 && remainingMs <= 30_000, `${remainingMs}`);
  });

  test('tells the handler by which name it was invoked', async (context) => {
    const { runtime } = runRuntime(context, {
      functions: [definition('scripted', { aliases: ['readers'] })],
    });
    const arnOf = async (qualifier?: string) =>
      JSON.parse((await runtime.invoke('scripted', ask('describe'), qualifier)).payload).arn;
    const arn = 'arn:aws:lambda:us-east-1:000000000000:function:scripted';
    assert.equal(await arnOf(), arn);
    assert.equal(await arnOf('readers'), `${arn}:readers`);
    assert.equal(await arnOf('$LATEST'), `${arn}:$LATEST`);
    assert.equal(runtime.has('scripted', 'readers'), true);
  });

  test('an error of the handler is a failed run without a stack trace', async (context) => {
    const { runtime, failures } = runRuntime(context);
    const { payload, failed } = await runtime.invoke('scripted', ask('throw'));
    assert.equal(failed, true);
    assert.deepEqual(JSON.parse(payload), { errorType: 'RangeError', errorMessage: 'fake failure' });
    assert.deepEqual(failures, ['scripted: RangeError']);
  });

  test('a module without a handler fails its runs and says why', async (context) => {
    const { runtime } = runRuntime(context, { functions: [definition('without-handler')] });
    const { payload } = await runtime.invoke('without-handler', '{}');
    assert.equal(JSON.parse(payload).errorType, 'Runtime.HandlerNotFound');
  });

  test('a handler that ends its process fails its own run, and the next one works', async (context) => {
    const { runtime } = runRuntime(context);
    const crashed = await runtime.invoke('scripted', ask('exit'));
    assert.equal(JSON.parse(crashed.payload).errorType, 'Runtime.ExitError');
    assert.equal((await runtime.invoke('scripted', '{}')).failed, false);
  });

  test('a run is given up at its time-out and not before', async (context) => {
    const clock = new ManualClock();
    const { runtime, failures } = runRuntime(context, { clock });
    let answered = false;
    const run = runtime.invoke('scripted', ask('hang')).finally(() => {
      answered = true;
    });
    await clock.advance(29_999);
    assert.equal(answered, false);
    await clock.advance(1);
    const { payload, failed } = await run;
    assert.equal(failed, true);
    assert.match(JSON.parse(payload).errorMessage, /^Task timed out after 30\.00 seconds$/);
    assert.deepEqual(failures, ['scripted: Sandbox.Timedout']);
  });

  test('runs of one function overlap', async (context) => {
    const { runtime } = runRuntime(context);
    const hanging = runtime.invoke('scripted', ask('hang'));
    assert.equal((await runtime.invoke('scripted', '{}')).failed, false);
    await runtime.stop();
    assert.equal(JSON.parse((await hanging).payload).errorType, 'Runtime.ExitError');
  });

  test('what a handler prints goes to the log and not to the terminal', async (context) => {
    const { runtime, printed, output } = runRuntime(context);
    const heard = once(output, 'printed');
    await runtime.invoke('scripted', ask('print'));
    await heard;
    assert.deepEqual(printed, ['a line of output\n']);
  });

  test('idle waits for runs under way, but not for ever', async (context) => {
    const clock = new ManualClock();
    const { runtime } = runRuntime(context, { clock });
    await runtime.idle(1000);
    void runtime.invoke('scripted', ask('hang'));
    let idle = false;
    const waiting = runtime.idle(1000).then(() => {
      idle = true;
    });
    await clock.advance(999);
    assert.equal(idle, false);
    await clock.advance(1);
    await waiting;
  });

  test('an unknown function is refused', async (context) => {
    const { runtime } = runRuntime(context);
    assert.equal(runtime.has('nobody'), false);
    await assert.rejects(runtime.invoke('nobody', '{}'), UnknownFunctionError);
    assert.equal(runtime.has('scripted', 'readers'), false);
    await assert.rejects(runtime.invoke('scripted', '{}', 'readers'), UnknownFunctionError);
  });
});
