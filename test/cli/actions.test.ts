import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, runCommand } from './run-command.ts';
import { HEALTHY } from './summaries.ts';

const ACME = { credential: 'acme' };
const toAdmin = (request: object) => [{ to: 'admin', request }];

test('token prints the access token alone, and asks the read function for what must be left', async () => {
  const answers = { token: { access_token: 'fake-access-token-1', expires_in: 100 } };
  const { stdout, sent } = await runCommand(['token', 'acme', '--local', '--min-ttl', '60'], { answers });
  assert.equal(stdout, 'fake-access-token-1\n');
  assert.deepEqual(sent, [{ to: 'read', request: { credential: 'acme', min_ttl: 60 } }]);

  const json = await runCommand(['token', 'acme', '--local', '--json'], { answers });
  assert.equal(json.stdout, `${JSON.stringify(answers.token)}\n`);
});

test('token prints none that a terminal might obey, and that no header can carry', async () => {
  for (const token of [
    'fake\u001b[31m',
    'fake\n',
    'fake\u0000',
    'fake-\u20ac',
    'fake\u009b31m',
    'fake\u202e',
  ]) {
    const answers = { token: { access_token: token } };
    const { exitCode, stdout, stderr } = await runCommand(['token', 'acme', '--env', 'prd'], { answers });
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /no HTTP header can carry\nSee: npx renova status acme --env prd\n$/);
  }
});

test('an error of the read function prints no token and says its code', async () => {
  const answers = { token: { error: { code: 'credential-lapsed' } } };
  const { exitCode, stdout, stderr } = await runCommand(['token', 'acme', '--local'], { answers });
  assert.deepEqual([exitCode, stdout], [1, '']);
  assert.equal(stderr, 'renova: the function answered credential-lapsed\n');
});

const refreshes: readonly [answer: Record<string, unknown>, exitCode: number, said: RegExp][] = [
  [
    { result: 'refreshed', generation: 13, expires_at: at(300) },
    0,
    /^acme is refreshed: generation 13, its token is valid for 5 min\.\n$/,
  ],
  [
    { result: 'published', generation: 12, expires_at: at(-61) },
    0,
    /^acme was refreshed before and is published now: generation 12, its token expired 1 min ago\.\n$/,
  ],
  [{ result: 'nothing', reason: 'not-due', generation: 12 }, 0, /^acme is not due .*generation 12/],
  [{ result: 'unpublished', generation: 13 }, 0, /will be published at the next tick/],
  [
    { result: 'nothing', reason: 'paused' },
    1,
    /acme was not refreshed: it is paused\nSee: npx renova status acme/,
  ],
  [{ result: 'failed', reason: 'not-sent' }, 1, /the provider could not be reached/],
  [
    { result: 'failed', reason: 'refused-client', failure_reason: 'invalid_scope' },
    1,
    /acme was not refreshed: the provider refused the scope \(invalid_scope\)\n/,
  ],
  [{ result: 'no-permit' }, 1, /quota is used up/],
  [{ result: 'waiting', reason: 'attempt-in-flight' }, 1, /another refresh of it is under way/],
  [{ result: 'brand-new' }, 1, /acme was not refreshed: brand-new/],
];
for (const [answer, exitCode, said] of refreshes) {
  test(`refresh that ends in ${Object.values(answer).join(' ')} exits with ${exitCode}`, async () => {
    const ran = await runCommand(['refresh', 'acme', '--local'], {
      answers: { refresh: { ...ACME, ...answer } },
    });
    assert.equal(ran.exitCode, exitCode);
    assert.match(exitCode === 0 ? ran.stdout : ran.stderr, said);
    assert.equal(exitCode === 0 ? ran.stderr : ran.stdout, '');
  });
}

test('refresh --force says so to the function', async () => {
  const answers = { refresh: { ...ACME, result: 'refreshed', generation: 2 } };
  const { sent } = await runCommand(['refresh', 'acme', '--force', '--local'], { answers });
  assert.deepEqual(sent, toAdmin({ action: 'refresh', credential: 'acme', force: true }));
});

test('a forced failure in JSON still exits with 1', async () => {
  const answers = { refresh: { ...ACME, result: 'failed', reason: 'unknown' } };
  const { exitCode, stdout } = await runCommand(['refresh', 'acme', '--local', '--json'], { answers });
  assert.deepEqual([exitCode, stdout], [1, `${JSON.stringify(answers.refresh)}\n`]);
});

for (const action of ['pause', 'resume']) {
  test(`${action} sends its action and says what is so now`, async () => {
    const answers = { [action]: { ...ACME, state: 'active' } };
    const { stdout, sent } = await runCommand([action, 'acme', '--local'], { answers });
    assert.deepEqual(sent, toAdmin({ action, credential: 'acme' }));
    assert.match(stdout, new RegExp(`^acme is ${action}d`));
  });
}

for (const [action, looksBy] of [
  ['remove', 'status'],
  ['rescue', 'check'],
] as const) {
  const answers = { status: HEALTHY, [action]: { ...ACME, state: 'removed' } };
  const looks = looksBy === 'status' ? toAdmin({ action: 'status', credential: 'acme' }) : [];

  test(`${action} happens when the id was typed, and not when something else was`, async () => {
    const label = 'Type acme to go on:';
    const typed = await runCommand([action, 'acme', '--local'], { answers, person: { [label]: 'acme' } });
    assert.equal(typed.exitCode, 0);
    assert.deepEqual(typed.sent, [...looks, ...toAdmin({ action, credential: 'acme' })]);

    const other = await runCommand([action, 'acme', '--local'], { answers, person: { [label]: 'yes' } });
    assert.equal(other.exitCode, 1);
    assert.deepEqual(other.sent, looks);
  });

  test(`${action} of what is not there says so before anything has to be typed`, async () => {
    const error = { code: 'unknown-credential', message: 'There is no credential "acme".' };
    const { exitCode, asked, stderr } = await runCommand([action, 'acme', '--local'], {
      answers: { [looksBy]: { error } },
      person: {},
    });
    assert.deepEqual([exitCode, asked], [1, []]);
    assert.match(stderr, /There is no credential "acme"/);
  });

  test(`${action} --yes asks nobody`, async () => {
    const { exitCode, asked } = await runCommand([action, 'acme', '--yes', '--local'], { answers });
    assert.deepEqual([exitCode, asked], [0, []]);
  });
}

test('rescue ends with the command that comes next, at the same target', async () => {
  const answers = {
    rescue: {
      ...ACME,
      answer: '{"renova list": "fake',
      remedy: 'Give it to: renova reseed acme',
      command: { name: 'reseed', id: 'acme' },
    },
  };
  const line = ['rescue', 'acme', '--yes', '--local', '--local-port', '4800'];
  const { stdout } = await runCommand(line, { answers });
  assert.equal(
    stdout,
    'credential  acme\nanswer      {"renova list": "fake\n\nGive it to: npx renova reseed acme --local --local-port 4800\n',
  );
});

test('rotate-seal happens when the environment was typed, and says how many keys are left', async () => {
  const rings = { 'renova/prd/seal/access': ['k1', 'k2'], 'renova/prd/seal/refresh': ['k2'] };
  const answers = { 'rotate-seal': { resealed: 3, rings } };
  const label = 'Type prd to go on:';
  const typed = await runCommand(['rotate-seal', '--local'], { answers, person: { [label]: 'prd' } });
  assert.deepEqual([typed.exitCode, typed.sent], [0, toAdmin({ action: 'rotate-seal' })]);
  assert.equal(
    typed.stdout,
    'resealed  3\n\nrings\nring                     keys\nrenova/prd/seal/access   2\nrenova/prd/seal/refresh  1\n\n' +
      'Done: every token is sealed under the new keys. Take a new backup of the ledger now; one from before the last rotation can no longer be opened.\n',
  );
  const other = await runCommand(['rotate-seal', '--local'], { answers, person: { [label]: 'hml' } });
  assert.deepEqual([other.exitCode, other.sent], [1, []]);
  const yes = await runCommand(['rotate-seal', '--yes', '--local'], { answers });
  assert.deepEqual([yes.exitCode, yes.asked], [0, []]);
});

test('rescue shows an answer of several lines below its name, and obeys no escape in it', async () => {
  const answers = { rescue: { ...ACME, body: '{"access_token":\n"fake\u001b[2J' } };
  const { stdout } = await runCommand(['rescue', 'acme', '--yes', '--local'], { answers });
  assert.equal(stdout, 'credential  acme\n\nbody\n{"access_token":\n"fake\uFFFD[2J\n');
});

test('recover takes an id or none, and shows a list as a table', async () => {
  const answers = { recover: { recovered: [{ ...ACME, generation: 9 }], unchanged: [] } };
  const all = await runCommand(['recover', '--local'], { answers });
  const one = await runCommand(['recover', 'acme', '--local'], { answers });
  assert.deepEqual(all.sent, toAdmin({ action: 'recover' }));
  assert.deepEqual(one.sent, toAdmin({ action: 'recover', credential: 'acme' }));
  assert.equal(all.stdout, 'unchanged  none\n\nrecovered\ncredential  generation\nacme        9\n');
});

test('networks logs in with a user and a password', async () => {
  const answers = { networks: { networks: ['Fake One', 'Fake Two'] } };
  const person = { 'Username:': 'fake-user', 'Password:': 'fake-password-1' };
  const { stdout, sent } = await runCommand(
    ['networks', '--token-url', 'https://bsn.example/token', '--local'],
    { answers, person },
  );
  const client = { username: 'fake-user', password: 'fake-password-1' };
  assert.deepEqual(
    sent,
    toAdmin({ action: 'networks', provider: 'bsn', token_url: 'https://bsn.example/token', client }),
  );
  assert.equal(stdout, 'networks  Fake One, Fake Two\n');
});

test('an action that the function does not know yet is an error like any other', async () => {
  const answers = {
    capacity: { error: { code: 'unknown-action', message: 'There is no action capacity.' } },
  };
  const { exitCode, stderr } = await runCommand(['capacity', '--local'], { answers });
  assert.deepEqual([exitCode, stderr], [1, 'renova: There is no action capacity.\n']);
});
