import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profiles } from '../../shared/provider/profiles.ts';
import { runCommand } from './run-command.ts';

test('providers lists all that are known, without an environment and without a question', async () => {
  const { exitCode, stdout, sent, targets } = await runCommand(['providers']);
  assert.deepEqual([exitCode, sent, targets], [0, [], []]);
  for (const provider of profiles.keys()) assert.match(stdout, new RegExp(`^${provider} `, 'm'));
});

test('providers <name> says all that is known of one, and what is not', async () => {
  const { exitCode, stdout } = await runCommand(['providers', 'xero']);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^token URL +https:\/\/identity\.xero\.com\/connect\/token$/m);
  assert.match(
    stdout,
    /^refresh token +60 days, replaced at each refresh, a replaced one is taken for 30 minutes more$/m,
  );
  assert.match(stdout, /^not known +how many token requests it takes$/m);
  assert.match(stdout, /developer\.xero\.com\/faq\/oauth2/);
});

test('providers --json is the data itself', async () => {
  const one = await runCommand(['providers', 'xero', '--json']);
  assert.deepEqual(JSON.parse(one.stdout), profiles.get('xero'));
  const all = await runCommand(['providers', '--json']);
  assert.deepEqual(JSON.parse(all.stdout), { providers: [...profiles.values()] });
});

test('a provider that is not known is wrong usage, with the names of those that are', async () => {
  const { exitCode, stderr } = await runCommand(['providers', 'nobody']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^renova: the provider must be one of bs2, bsn, /);
  assert.doesNotMatch(stderr, /nobody/);
});
