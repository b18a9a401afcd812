import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, runCommand } from './run-command.ts';
import { FAILING, HEALTHY, LAPSED } from './summaries.ts';

const ALL = { credentials: [HEALTHY, FAILING, LAPSED] };

test('list shows a line a credential, plain when nobody looks at it', async () => {
  const { exitCode, stdout, stderr, sent } = await runCommand(['list', '--local'], {
    answers: { list: ALL },
  });

  assert.equal(exitCode, 0);
  assert.equal(stderr, '');
  assert.deepEqual(sent, [{ to: 'admin', request: { action: 'list' } }]);
  assert.equal(
    stdout,
    [
      'credential  provider  state    mode   token valid for    refresh token  generation',
      'acme        bs2       active   fresh  3 min 12 s         47 h 10 min    12',
      'beta        bs2       failing  fresh  expired 2 min ago  11 h           12',
      'gamma       bs2       lapsed   fresh  expired 2 h ago    ended          12',
      '',
    ].join('\n'),
  );
});

test('list and status name what has not been published for long', async () => {
  const behind = { ...HEALTHY, published_generation: 11, issued_at: at(-121), expires_at: at(179) };
  const { stdout } = await runCommand(['list', '--local'], { answers: { list: { credentials: [behind] } } });
  assert.match(stdout, /^acme +bs2 +unpublished +fresh +2 min 59 s/m);
  const page = await runCommand(['status', 'acme', '--local'], { answers: { status: behind } });
  assert.match(page.stdout, /^state {2,}unpublished$/m);
  const recent = { ...behind, issued_at: at(-120) };
  const still = await runCommand(['list', '--local'], { answers: { list: { credentials: [recent] } } });
  assert.match(still.stdout, /^acme +bs2 +active/m);
});

test('list counts as people do, and does not call an on-demand credential expired', async () => {
  const ids = ['c1', 'c10', 'c2'];
  const credentials = ids.map((credential) => ({
    ...HEALTHY,
    credential,
    mode: 'on-demand',
    expires_at: at(-60),
  }));
  const { stdout } = await runCommand(['list', '--local'], { answers: { list: { credentials } } });
  assert.deepEqual([...stdout.matchAll(/^c\d+/gm)].map(String), ['c1', 'c2', 'c10']);
  assert.match(stdout, /^c1 +bs2 +active +on-demand +on request /m);
});

test('a terminal gets colours, and none with NO_COLOR', async () => {
  const situation = { answers: { list: ALL }, colors: true };
  const coloured = await runCommand(['list', '--local'], situation);
  const plain = await runCommand(['list', '--local'], { ...situation, environment: { NO_COLOR: '1' } });

  assert.ok(coloured.stdout.includes('\u001b[31mlapsed\u001b[39m'));
  assert.ok(!plain.stdout.includes('\u001b'));
});

test('the end of a refresh token is yellow when less than a quarter of its own life is left', async () => {
  const lives: readonly [lifeSeconds: number, leftSeconds: number, isShort: boolean][] = [
    [48 * 3600, 11 * 3600, true],
    [48 * 3600, 13 * 3600, false],
    [1800, 1200, false],
    [1800, 400, true],
  ];
  for (const [life, left, isShort] of lives) {
    const one = {
      ...HEALTHY,
      refresh_token_issued_at: at(left - life),
      refresh_token_expires_at: at(left),
    };
    const { stdout } = await runCommand(['list', '--local'], {
      answers: { list: { credentials: [one] } },
      colors: true,
    });
    assert.equal(stdout.includes('\u001b[33m'), isShort, `${left} of ${life}`);
  }
});

test('the history says when as everything else does', async () => {
  const history = [{ at: at(-60), generation: 12, outcome: 'refreshed' }];
  const { stdout } = await runCommand(['status', 'acme', '--local'], {
    answers: { status: { ...HEALTHY, history } },
  });
  assert.match(stdout, /^2026-01-01 11:59:00 UTC \(1 min ago\) {2}12 +refreshed$/m);
});

test('an empty list says so', async () => {
  const { stdout } = await runCommand(['list', '--local'], { answers: { list: { credentials: [] } } });
  assert.equal(stdout, 'No credential is registered.\n');
});

test('list with a tag or an app that nothing has does not say that nothing is registered', async () => {
  for (const filter of [
    ['--tag', 'owner=nobody'],
    ['--app', 'crm'],
  ]) {
    const { stdout } = await runCommand(['list', ...filter, '--local'], {
      answers: { list: { credentials: [] } },
    });
    assert.equal(stdout, 'No credential is like that: renova list shows all of them.\n');
  }
});

test('--json prints the answer as it is, on one line', async () => {
  const { stdout } = await runCommand(['list', '--local', '--json'], { answers: { list: ALL } });
  assert.equal(stdout, `${JSON.stringify(ALL)}\n`);
});

test('status without an id counts first', async () => {
  const answers = { status: { ...ALL, counts: { active: 2, lapsed: 1 } } };
  const { stdout } = await runCommand(['status', '--local'], { answers });
  assert.match(stdout, /^active 2, lapsed 1\n\ncredential {2}provider/);
});

test('status of one begins with a sentence and the command that fixes it, at the same target', async () => {
  const line = ['status', 'beta', '--local', '--local-port', '4800', '--env', 'hml'];
  const { stdout, sent } = await runCommand(line, { answers: { status: FAILING } });

  const [sentence, fix, otherwise, blank, ...rest] = stdout.split('\n');
  assert.match(sentence ?? '', /^beta has been failing for 1 h 2 min/);
  assert.equal(
    fix,
    'Check client id and client secret at the provider, and give the right ones: npx renova update beta --client --local --local-port 4800 --env hml',
  );
  assert.equal(
    otherwise,
    'If the provider wants the client secret by HTTP Basic: npx renova update beta --client-auth basic --local --local-port 4800 --env hml',
  );
  assert.equal(blank, '');
  assert.ok(rest.some((text) => /^state {2,}failing$/.test(text)));
  assert.ok(rest.some((text) => /^quota {2,}key bs2, limit 10, window seconds 60$/.test(text)));
  assert.ok(rest.some((text) => /^failing since {2,}2026-01-01 10:58:00 UTC \(1 h 2 min ago\)$/.test(text)));
  assert.deepEqual(sent, [{ to: 'admin', request: { action: 'status', credential: 'beta' } }]);
});

test('members that a later version adds are shown, control characters are not obeyed', async () => {
  const status = { ...HEALTHY, new_member: 'red \u001b[31malert\u001b[0m', empty: null };
  const { stdout } = await runCommand(['status', 'acme', '--local'], { answers: { status } });
  assert.match(stdout, /^new member {2,}red \uFFFD\[31malert\uFFFD\[0m$/m);
  assert.ok(!stdout.includes('empty'));
});

test('an answer without an id is refused rather than shown half', async () => {
  const { exitCode, stderr } = await runCommand(['status', 'acme', '--local'], { answers: { status: {} } });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^renova: the admin function answered in a form that this version does not know\n/);
});
