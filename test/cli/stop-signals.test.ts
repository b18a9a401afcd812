import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { operatorName } from '../../cli/invoke/operator-name.ts';
import { stopSignals } from '../../cli/stop-signals.ts';

function aProcess() {
  const said: string[] = [];
  const codes: number[] = [];
  const fake = Object.assign(new EventEmitter(), {
    stderr: { write: (text: string) => said.push(text) },
    exit: (code: number) => {
      codes.push(code);
    },
  });
  return { fake, said, codes };
}

test('Ctrl+C in the middle of a command ends it with one sentence', () => {
  const { fake, said, codes } = aProcess();
  stopSignals(fake);
  fake.emit('SIGINT');
  assert.deepEqual(codes, [1]);
  assert.match(said.join(''), /^renova: stopped\. [^\n]+\n$/);
});

test('a command that runs until it is told to ends by itself, and at once when it is told again', async () => {
  const { fake, said, codes } = aProcess();
  const stopped = stopSignals(fake).untilStopped();
  fake.emit('SIGTERM');
  await stopped;
  assert.deepEqual([said, codes], [[], []]);
  fake.emit('SIGINT');
  assert.deepEqual(codes, [1]);
});

test('who types is said without what a history could not hold', () => {
  assert.equal(
    operatorName({}, () => 'ana@laptop'),
    'ana@laptop',
  );
  assert.equal(operatorName({ RENOVA_OPERATOR: 'deploy/42' }), 'deploy/42');
  assert.equal(operatorName({ RENOVA_OPERATOR: 'Ana Lúcia \u001b[31m' }), 'Ana-L-cia-31m');
  assert.equal(operatorName({ RENOVA_OPERATOR: 'x'.repeat(80) })?.length, 64);
  assert.equal(
    operatorName({}, () => {
      throw new Error('no such user');
    }),
    undefined,
  );
});
