import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, runCommand } from './run-command.ts';
import { HEALTHY } from './summaries.ts';

const answers = { status: HEALTHY, update: { credential: 'acme' }, reseed: { ...HEALTHY, generation: 13 } };
const withGrant = (grant: string) => ({ ...answers, status: { ...HEALTHY, grant } });
const PERSON = {
  'Client id (Enter: as it is):': '',
  'Client secret:': 'fake-client-secret-2',
  'Refresh token:': 'fake-refresh-token-2',
  'Username (Enter: as it is):': 'fake-user',
  'Password:': 'fake-password-2',
};

test('update sends only what is to change, and asks for nothing', async () => {
  const line = ['update', 'acme', '--mode', 'on-demand', '--quota-limit', '20', '--local'];
  const { exitCode, stdout, sent, asked } = await runCommand(line, { answers });
  assert.deepEqual([exitCode, stdout, asked], [0, 'acme is updated.\n', []]);
  assert.deepEqual(sent, [
    {
      to: 'admin',
      request: { action: 'update', credential: 'acme', mode: 'on-demand', quota: { limit: 20 } },
    },
  ]);
});

test('update --client asks for the client secret; an id left empty stays as it is', async () => {
  const { sent, stdout } = await runCommand(['update', 'acme', '--client', '--local', '--json'], {
    answers,
    person: PERSON,
  });
  assert.deepEqual(sent.at(-1)?.request, {
    action: 'update',
    credential: 'acme',
    client: { client_secret: 'fake-client-secret-2' },
  });
  assert.equal(stdout, `${JSON.stringify(answers.update)}\n`, 'only the answer of update is printed');
});

test('update --client asks for the end of the new client secret where that of the last one is known', async () => {
  const end = 'When the client secret ends, such as 2030-01-31T12:00:00Z (Enter: not known):';
  const { sent, asked } = await runCommand(['update', 'acme', '--client', '--local'], {
    answers: { ...answers, status: { ...HEALTHY, client_expires_at: at(86_400) } },
    person: { ...PERSON, [end]: '2030-01-31T12:00:00Z' },
  });
  assert.equal(asked.at(-1), `visible ${end}`);
  assert.deepEqual(sent.at(-1)?.request.client, {
    client_secret: 'fake-client-secret-2',
    expires_at: '2030-01-31T12:00:00Z',
  });
});

for (const [what, update, isSaid] of [
  ['of a fresh credential', HEALTHY, true],
  ['that was tried at once', { ...HEALTHY, steps: [{ step: 'refresh', ok: true }] }, false],
  ['of a credential that is refreshed on demand', { ...HEALTHY, mode: 'on-demand' }, false],
  ['of a paused credential', { ...HEALTHY, state: 'paused' }, false],
] as const) {
  test(`a new client secret ${what} is ${isSaid ? '' : 'not '}said to be used later`, async () => {
    const { stdout } = await runCommand(['update', 'acme', '--client', '--local'], {
      answers: { ...answers, update },
      person: PERSON,
    });
    const said =
      /^The new client secret is first used in 42 s\. To see then whether the provider takes it: npx renova status acme --local$/m;
    assert.equal(said.test(stdout), isSaid, stdout);
  });
}

test('update --client of a credential that logs in asks for the login', async () => {
  const { asked } = await runCommand(['update', 'acme', '--client', '--local'], {
    answers: withGrant('password'),
    person: PERSON,
  });
  assert.deepEqual(asked, ['visible Username (Enter: as it is):', 'hidden Password:']);
});

test('a refresh token is no update', async () => {
  const { exitCode, stderr, sent } = await runCommand(['update', 'acme', '--secrets', '-', '--local'], {
    answers,
    stdin: '{"refresh_token":"fake-refresh-token-2"}',
  });
  assert.deepEqual([exitCode, sent], [2, []]);
  assert.equal(stderr, 'renova: a new refresh token starts a new chain: use reseed\n');
});

test('the network is given once', async () => {
  const line = ['update', 'acme', '--secrets', '-', '--network', 'a', '--local'];
  const { exitCode } = await runCommand(line, { answers, stdin: '{"client":{"network":"b"}}' });
  assert.equal(exitCode, 2);
});

test('reseed says where a refresh token comes from before it asks for one', async () => {
  const inAws = await runCommand(['reseed', 'acme', '--env', 'prd'], { answers, person: PERSON });
  assert.match(inAws.stderr, /^Log in at the provider for a new refresh token, and give it here\.\n/);
  const local = await runCommand(['reseed', 'acme', '--local'], { answers, person: PERSON });
  assert.match(local.stderr, /^The sandbox gives out refresh tokens/);
});

test('reseed asks for the new refresh token', async () => {
  const { asked, sent, stdout } = await runCommand(['reseed', 'acme', '--local'], {
    answers,
    person: PERSON,
  });
  assert.deepEqual(asked, ['hidden Refresh token:']);
  assert.deepEqual(sent.at(-1)?.request, {
    action: 'reseed',
    credential: 'acme',
    refresh_token: 'fake-refresh-token-2',
  });
  assert.match(stdout, /^acme has a new chain \(generation 13\): its token is valid for 3 min/);
});

for (const [how, more, said] of [
  ['was taken back', { taken_back: true }, 'acme keeps its chain (generation 12): '],
  ['waits for its provider', { failing_since: at(-1) }, 'acme has a new chain (generation 12): '],
  ['has no token yet', { expires_at: undefined }, 'acme has a new chain (generation 12).'],
  ['lapsed', { state: 'lapsed' }, 'acme has a new chain, lapsed (generation 12): '],
] as const) {
  test(`a reseed that ${how} says which chain the credential is on`, async () => {
    const steps = [{ step: 'first refresh', ok: false, detail: 'the provider does not take it' }];
    const { exitCode, stdout } = await runCommand(['reseed', 'acme', '--secrets', '-', '--local'], {
      answers: { reseed: { ...HEALTHY, ...more, steps } },
      stdin: '{"refresh_token":"fake-refresh-token-2"}',
    });
    assert.equal(exitCode, 1);
    assert.ok(stdout.includes(said), stdout);
  });
}

test('reseed asks a credential that logs in for its login, and one with a client secret alone for nothing', async () => {
  const login = await runCommand(['reseed', 'acme', '--local'], {
    answers: withGrant('password'),
    person: PERSON,
  });
  assert.deepEqual(login.asked, ['visible Username (Enter: as it is):', 'hidden Password:']);

  const alone = await runCommand(['reseed', 'acme', '--local'], {
    answers: withGrant('client_credentials'),
    person: PERSON,
  });
  assert.deepEqual([alone.exitCode, alone.asked], [1, []]);
  assert.match(alone.stderr, /update --client/);
});

test('a credential that is not there is said before a secret is asked for', async () => {
  const error = { code: 'unknown-credential', message: 'There is no credential acme.' };
  const { exitCode, asked } = await runCommand(['reseed', 'acme', '--local'], {
    answers: { status: { error } },
    person: PERSON,
  });
  assert.deepEqual([exitCode, asked], [1, []]);
});
