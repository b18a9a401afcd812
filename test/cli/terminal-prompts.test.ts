import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { promptsAt } from '../../cli/secrets/terminal-prompts.ts';

/** A terminal at which a question is shown before anything is typed. */
function aTerminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  const shown = once(output, 'data');
  return {
    prompts: promptsAt({ input, output }),
    type: (text: string) => void shown.then(() => input.write(text)),
  };
}

describe('a question at the terminal', () => {
  test('takes what is typed', async () => {
    const { prompts, type } = aTerminal();
    type('fake-id\r');
    assert.equal(await prompts.visible('Client id:'), 'fake-id');
  });

  for (const [keys, typed] of Object.entries({
    'Ctrl+D': '\u0004',
    'Ctrl+C': '\u0003',
    'Ctrl+D behind half of an answer': 'half\u0004',
  })) {
    for (const kind of ['visible', 'hidden'] as const) {
      test(`ends at ${keys}, a ${kind} one`, async () => {
        const { prompts, type } = aTerminal();
        type(typed);
        const { code, message } = await prompts[kind]('Answer:').then(
          () => assert.fail('answered'),
          (error: { code: string; message: string }) => error,
        );
        assert.deepEqual([code, message], ['given-up', 'stopped: nothing was changed']);
      });
    }
  }
});
