import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTarget } from '../../cli/format/suggested-commands.ts';
import { runCommand } from './run-command.ts';

const HML = { env: 'hml', options: '--env hml' } as const;

const sentences: readonly [said: string, copied: string][] = [
  ['See which there are: renova list', 'See which there are: npx renova list --env hml'],
  ['it is kept: renova rescue a.b-c.', 'it is kept: npx renova rescue a.b-c --env hml.'],
  ['run: renova reseed acme (or not)', 'run: npx renova reseed acme --env hml (or not)'],
  ['renova refresh acme --force; wait', 'npx renova refresh acme --force --env hml; wait'],
  ['npx renova reseed acme --env prd', 'npx renova reseed acme --env prd'],
  ['look at the log of renova-prd-admin', 'look at the log of renova-prd-admin'],
  ['renova says nothing', 'renova says nothing'],
];
for (const [said, copied] of sentences) {
  test(`a command in a sentence can be copied: ${said}`, () => {
    assert.equal(withTarget(said, HML), copied);
  });
}

test('a refusal and its remedy lead to the same target', async () => {
  const error = {
    code: 'credential-lapsed',
    message: 'acme has lapsed, run: renova reseed acme',
    remedy: 'See: renova status acme',
  };
  const { stderr } = await runCommand(['token', 'acme', '--local', '--local-port', '4800'], {
    answers: { token: { error } },
  });
  assert.equal(
    stderr,
    'renova: acme has lapsed, run: npx renova reseed acme --local --local-port 4800\nSee: npx renova status acme --local --local-port 4800\n',
  );
});

test('so does the command in the detail of a step that failed', async () => {
  const steps = [{ step: 'first refresh', ok: false, detail: 'get a new one: renova reseed acme' }];
  const { stdout } = await runCommand(['update', 'acme', '--mode', 'fresh', '--local', '--env', 'hml'], {
    answers: { update: { credential: 'acme', steps } },
  });
  assert.match(stdout, /^✗ first refresh: get a new one: npx renova reseed acme --local --env hml$/m);
});
