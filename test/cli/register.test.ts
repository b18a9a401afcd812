import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, runCommand } from './run-command.ts';
import { HEALTHY } from './summaries.ts';

const REGISTERED = {
  credential: 'acme',
  state: 'active',
  generation: 1,
  expires_at: at(298),
  refresh_token_expires_at: at(48 * 3600 - 2),
  lanes: 12,
  published: true,
  steps: [
    { step: 'quota-reserved', ok: true },
    { step: 'first-refresh', ok: true, detail: 'generation 1' },
  ],
  warnings: ['Nothing else may refresh this credential: a second refresher ends its chain.'],
};
const PERSON = {
  'Client id:': 'fake-client-id-1 ',
  'Client secret:': 'fake-client-secret-1',
  'Refresh token:': ' fake-refresh-token-1 ',
  'Username:': 'fake-user',
  'Password:': ' fake-password-1 ',
};
const SECRET = /fake-(client-secret|refresh-token|password)/;

test('a warning is shown', async () => {
  const warnings = ['It is not published yet.'];
  const { stdout } = await runCommand(['register', 'acme', '--local', '--scope', 'fake.read'], {
    answers: { register: { ...REGISTERED, warnings } },
    person: PERSON,
  });
  assert.match(stdout, /^! It is not published yet\.$/m);
});

test('register asks for what BS2 needs, sends it, and shows the steps', async () => {
  const ran = await runCommand(['register', 'acme', '--local', '--scope', 'fake.read'], {
    answers: { register: REGISTERED },
    person: PERSON,
  });

  assert.deepEqual(ran.asked, ['visible Client id:', 'hidden Client secret:', 'hidden Refresh token:']);
  assert.deepEqual(ran.sent, [
    {
      to: 'admin',
      request: {
        action: 'register',
        credential: 'acme',
        provider: 'bs2',
        scope: 'fake.read',
        client: { client_id: 'fake-client-id-1', client_secret: 'fake-client-secret-1' },
        refresh_token: 'fake-refresh-token-1',
      },
    },
  ]);
  assert.equal(
    ran.stdout,
    [
      '✓ quota reserved',
      '✓ first refresh: generation 1',
      '! Nothing else may refresh this credential: a second refresher ends its chain.',
      'acme is registered (generation 1): its token is valid for 4 min, its refresh token for 47 h.',
      '',
    ].join('\n'),
  );
  assert.equal(ran.exitCode, 0);
  assert.doesNotMatch(ran.stdout + ran.stderr, SECRET);
});

test('a BSN login is a user, a password and a network; the password is sent as typed', async () => {
  const line = ['register', 'acme', '--local', '--provider', 'bsn', '--network', 'Fake Network'];
  const { asked, sent } = await runCommand(line, { answers: { register: REGISTERED }, person: PERSON });

  assert.deepEqual(asked, ['visible Username:', 'hidden Password:']);
  assert.deepEqual(sent[0]?.request.client, {
    username: 'fake-user',
    password: ' fake-password-1 ',
    network: 'Fake Network',
  });
});

const questions: readonly [options: string[], members: string[]][] = [
  [
    ['--provider', 'oauth2', '--grant', 'client_credentials'],
    ['Client id:', 'Client secret:'],
  ],
  [
    ['--provider', 'oauth2', '--client-auth', 'none'],
    ['Client id:', 'Refresh token:'],
  ],
  [
    ['--provider', 'bsn', '--client-auth', 'post'],
    ['Client id:', 'Client secret:', 'Username:', 'Password:'],
  ],
  [
    ['--provider', 'bsn', '--grant', 'refresh_token'],
    ['Username:', 'Password:'],
  ],
];
for (const [options, labels] of questions) {
  test(`${options.join(' ')} asks for ${labels.join(' ')}`, async () => {
    const { asked } = await runCommand(['register', 'acme', '--local', ...options], {
      answers: { register: REGISTERED },
      person: PERSON,
    });
    assert.deepEqual(
      asked.map((question) => question.replace(/^\w+ /, '')),
      labels,
    );
  });
}

test('every setting goes on the wire in its own words', async () => {
  const line =
    'register acme --local --provider oauth2 --token-url https://as.example/token --scope a --grant client_credentials --client-auth basic --mode on-demand --publish pair --quota-key k --quota-limit 10 --quota-window 60 --access-token-seconds 300 --refresh-token-seconds 172800 --refresh-token-lifetime absolute --extra audience=x=y --extra empty= --force --secrets -';
  const { sent } = await runCommand(line.split(' '), { answers: { register: REGISTERED }, stdin: '{}' });

  assert.deepEqual(sent[0]?.request, {
    action: 'register',
    credential: 'acme',
    provider: 'oauth2',
    token_url: 'https://as.example/token',
    scope: 'a',
    grant: 'client_credentials',
    client_auth: 'basic',
    mode: 'on-demand',
    publish: 'pair',
    quota: { key: 'k', limit: 10, window_seconds: 60 },
    access_token_seconds: 300,
    refresh_token_seconds: 172800,
    refresh_token_lifetime: 'absolute',
    extra: { audience: 'x=y', empty: '' },
    force: true,
  });
});

test('a step that failed is a failure, with what was done shown', async () => {
  const steps = [{ step: 'publish', ok: false, detail: 'the lane is full' }];
  const ran = await runCommand(['register', 'acme', '--local'], {
    answers: { register: { ...REGISTERED, steps } },
    person: PERSON,
  });
  assert.equal(ran.exitCode, 1);
  assert.match(ran.stdout, /^✗ publish: the lane is full\n/);
  assert.equal(
    ran.stderr,
    'renova: not everything was done (publish)\nSee: npx renova status acme --local\n',
  );
});

test('an error of the function is a sentence, its remedy a second one, and JSON with --json', async () => {
  const error = { code: 'quota-exceeded', message: 'The quota keeps 44 fresh.', remedy: 'Use --force.' };
  const situation = { answers: { register: { error } }, person: PERSON };
  const forPeople = await runCommand(['register', 'acme', '--local'], situation);
  const forMachines = await runCommand(['register', 'acme', '--local', '--json'], situation);

  assert.deepEqual([forPeople.exitCode, forPeople.stdout], [1, '']);
  assert.equal(forPeople.stderr, 'renova: The quota keeps 44 fresh.\nUse --force.\n');
  assert.deepEqual([forMachines.exitCode, forMachines.stdout], [1, `${JSON.stringify({ error })}\n`]);
});

test('who gives up at a question sends nothing', async () => {
  const { exitCode, stderr, sent } = await runCommand(['register', 'acme', '--local'], { person: {} });
  assert.deepEqual([exitCode, stderr, sent], [1, 'renova: stopped: nothing was changed\n', []]);
});

for (const line of [
  ['register', 'acme'],
  ['update', 'acme', '--scope', 'fake.read', '--client'],
  ['reseed', 'acme'],
  ['networks'],
]) {
  test(`${line[0]} says what would be refused before it asks for a secret`, async () => {
    const error = { code: 'invalid-request', message: 'scope: is missing.', field: 'scope' };
    const { exitCode, stderr, sent, checked, asked } = await runCommand([...line, '--local'], {
      answers: { check: { error }, status: { ...HEALTHY, grant: 'refresh_token' } },
      person: {},
    });
    assert.deepEqual([exitCode, asked], [1, []]);
    assert.match(stderr, /scope: is missing/);
    assert.equal(checked.length, 1);
    assert.ok(sent.every(({ request }) => request.action === 'status'));
  });
}

const OAUTH2 = ['--provider', 'oauth2', '--token-url', 'https://provider.example/t'];
const UNTYPABLE: readonly [line: readonly string[], said: RegExp][] = [
  [['--local', ...OAUTH2, '--client-auth', 'private_key_jwt'], /client\.private_key: .*--secrets -/],
  [
    ['--local', ...OAUTH2, '--client-auth', 'tls'],
    /client\.certificate and client\.private_key: .*--secrets -/,
  ],
  [['--env', 'prd', '--provider', 'inter'], /client\.certificate: .*--secrets -/],
  [['--local', '--provider', 'bsncloud'], /--network is missing: each token of bsncloud/],
];
for (const [line, said] of UNTYPABLE) {
  test(`register ${line.join(' ')} asks nobody for what would be refused then`, async () => {
    const { exitCode, asked, sent, stderr } = await runCommand(['register', 'acme', ...line], {
      person: PERSON,
    });
    assert.deepEqual([exitCode, asked, sent], [2, [], []]);
    assert.match(stderr, said);
  });

  test(`register ${line.join(' ')} takes the same from standard input`, async () => {
    const stdin = JSON.stringify({ client: { client_id: 'fake-client-id-1' } });
    const { exitCode, sent } = await runCommand(['register', 'acme', ...line, '--secrets', '-'], {
      answers: { register: REGISTERED },
      stdin,
    });
    assert.deepEqual([exitCode, sent.length], [0, 1]);
  });
}

test('a provider that asks for a certificate has a sandbox that does not', async () => {
  const { asked } = await runCommand(['register', 'acme', '--provider', 'inter', '--local'], {
    answers: { register: REGISTERED },
    person: PERSON,
  });
  assert.deepEqual(asked, ['visible Client id:', 'hidden Client secret:']);
});

for (const client_auth of ['private_key_jwt', 'tls']) {
  test(`update --client of a client with a key (${client_auth}) asks nobody to type one`, async () => {
    const { exitCode, asked, stderr } = await runCommand(['update', 'acme', '--client', '--local'], {
      answers: { status: { credential: 'acme', grant: 'refresh_token', client_auth } },
      person: PERSON,
    });
    assert.deepEqual([exitCode, asked], [2, []]);
    assert.match(stderr, /client\.private_key: .*--secrets -/);
  });
}
