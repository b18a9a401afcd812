import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VERSION } from '../../shared/config/version.ts';
import { fakeAccount, ok } from './fake-account.ts';
import { at, runCommand } from './run-command.ts';
import { FAILING, HEALTHY, LAPSED } from './summaries.ts';

const QUOTA = { key: 'bs2', limit: 10, window_seconds: 60, used_percent: 44.4 };
const QUESTION = 'Code in the alert (empty: none came):';
const SENT = { 'test-alert': { accepted: true, code: '042042' } };

function examined(credentials: readonly object[], quota: object = QUOTA) {
  return runCommand(['doctor', '--env', 'prd'], {
    askAws: fakeAccount({ 'ec2:DescribeNatGateways': () => ok('') }),
    answers: { list: { credentials }, capacity: { quotas: [quota] }, examine: {} },
  });
}

test('doctor says that everything is well, and only then', async () => {
  const well = await examined([HEALTHY]);
  assert.deepEqual([well.exitCode, well.stderr], [0, '']);
  assert.equal(
    well.stdout,
    'prd is well: 1 credential, the schedule and the quotas.\nLooked at: account 123456789012, region sa-east-1.\n',
  );
});

test('doctor does not call a schedule well that has nothing to do', async () => {
  const { exitCode, stdout } = await examined([]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^prd has no credentials yet, so nothing can be said of its schedule\.\n/);
});

test('doctor names a credential whose token stays unpublished', async () => {
  const { exitCode, stdout } = await examined([
    { ...HEALTHY, published_generation: 11, issued_at: at(-240) },
  ]);
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /^acme is refreshed, but .* for 4 min: .*\n {2}Publish it now: npx renova refresh acme --env prd$/m,
  );
});

test('doctor names each thing that is not well, with the command that fixes it', async () => {
  const { exitCode, stdout, stderr } = await examined([HEALTHY, FAILING, LAPSED], {
    ...QUOTA,
    used_percent: 92,
  });
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /^beta has been failing for .*\n {2}Check client id and client secret at the provider, and give the right ones: npx renova update beta --client --env prd$/m,
  );
  assert.match(
    stdout,
    /^gamma lapsed .*\n {2}Log in at the provider for a new refresh token, then: npx renova reseed gamma --env prd$/m,
  );
  assert.match(
    stdout,
    /^The quota bs2 is nearly used up: .* 92 % .*\n {2}Give it a larger limit .* See the arithmetic: npx renova capacity --env prd$/m,
  );
  assert.doesNotMatch(stdout, /acme/);
  assert.equal(stderr, 'renova: prd is not well: 3 findings\n');
});

test('doctor leads nobody back to doctor', async () => {
  const late = { ...HEALTHY, expires_at: at(-5) };
  const traceless = {
    ...HEALTHY,
    failing_since: at(-300),
    attempts: 3,
    outcome: 'no-trace',
    reason: 'no-trace',
  };
  for (const [summary, said] of [
    [late, /see whether its quota serves too many: npx renova capacity --env prd$/m],
    [traceless, /see in the log of the refresh function what ends it\.$/m],
  ] as const) {
    const { stdout } = await examined([summary]);
    assert.match(stdout, said);
    assert.doesNotMatch(stdout, /renova doctor/);
  }
});

test('doctor says of what passes by itself when it is tried again, and names no command for it', async () => {
  const down = { ...FAILING, outcome: 'unknown', reason: 'http-503', due_at: at(12) };
  const { stdout } = await examined([down]);
  assert.match(stdout, /^beta has been failing .*\(http-503\).*\n {2}Nothing to do: tried again in 12 s\.$/m);
  assert.doesNotMatch(stdout, /npx/);
});

test('a client secret that the provider refuses beside one that works is a finding of its own', async () => {
  const { stdout } = await examined([{ ...HEALTHY, client_refused_since: at(-3600) }]);
  assert.match(
    stdout,
    /acme is refreshed with its last client secret, because the provider has refused the new one for 1 h/,
  );
  assert.match(stdout, /renova update acme --client/);
});

test('doctor tells of a client secret that ends within thirty days', async () => {
  const ending = (days: number) => examined([{ ...HEALTHY, client_expires_at: at(days * 86_400) }]);
  assert.equal((await ending(30.01)).exitCode, 0);
  const soon = await ending(30);
  assert.match(
    soon.stdout,
    /^The client secret or certificate of acme ends in 30 d\.\n {2}Get a new one at the provider, and give it: npx renova update acme --client --env prd$/m,
  );
  assert.match((await ending(-1)).stdout, /has come to its end/);
});

test('doctor --json says what the text says: when it is tried again, and what to do if that does not help', async () => {
  const failing = { ...FAILING, outcome: 'not-sent', reason: 'ECONNREFUSED', due_at: at(6) };
  const answers = { list: { credentials: [failing] }, capacity: { quotas: [QUOTA] }, examine: {} };
  const { stdout } = await runCommand(['doctor', '--json', '--local'], { answers });
  const [finding] = JSON.parse(stdout).findings;
  assert.equal(finding.again, 'in 6 s');
  const { when, command, command_line } = finding.otherwise;
  assert.equal(when, 'its token URL is wrong');
  assert.deepEqual(command, { name: 'update', id: failing.credential, flags: ['--token-url', '<url>'] });
  assert.equal(command_line, `npx renova update ${failing.credential} --token-url "<url>" --local`);
});

test('doctor tells of the ending client secret of an app once, with the command that the app takes', async () => {
  const user = (credential: string) => ({
    ...HEALTHY,
    credential,
    app: 'erp',
    client_expires_at: at(86_400),
  });
  const { stdout } = await examined([user('a'), user('b'), { ...HEALTHY, client_expires_at: at(86_400) }]);
  assert.deepEqual(stdout.match(/^The client secret or certificate of .*$/gm), [
    'The client secret or certificate of the app erp ends in 24 h; 2 credentials use it.',
    'The client secret or certificate of acme ends in 24 h.',
  ]);
  assert.match(stdout, /npx renova app put erp --env prd$/m);
  assert.doesNotMatch(stdout, /update [ab] /);
});

test('doctor --json is one document, with a code, an explanation and a command for each finding', async () => {
  const ran = await runCommand(['doctor', '--json', '--env', 'prd'], {
    answers: { list: { credentials: [HEALTHY, LAPSED] }, capacity: { quotas: [QUOTA] }, examine: {} },
  });
  assert.equal(ran.exitCode, 1);
  assert.equal(ran.stdout.trim().split('\n').length, 1);
  const { environment, findings } = JSON.parse(ran.stdout);
  assert.equal(environment, 'prd');
  assert.deepEqual(findings, [
    {
      code: 'lapsed',
      credential: 'gamma',
      explanation: 'gamma lapsed 1 min ago: the refresh token ended before it could be used.',
      remedy: 'Log in at the provider for a new refresh token, then:',
      command: { name: 'reseed', id: 'gamma' },
      command_line: 'npx renova reseed gamma --env prd',
    },
  ]);
  assert.equal(ran.stderr, 'renova: prd is not well: 1 finding\n');
});

test('doctor hears the silence of the schedule by what has been due for more than three minutes', async () => {
  const due = (seconds: number) => examined([{ ...HEALTHY, due_at: at(-seconds) }, HEALTHY]);
  assert.equal((await due(180)).exitCode, 0);
  const silent = await due(190);
  assert.equal(silent.exitCode, 1);
  assert.match(silent.stdout, /^The schedule may be silent: something has been due for 3 min 10 s/);
});

test('doctor --alert is content with the code of the alert, and with nothing else', async () => {
  const answered = (code: string) =>
    runCommand(['doctor', '--alert', '--env', 'prd'], { answers: SENT, person: { [QUESTION]: code } });
  const heard = await answered(' 042042 ');
  assert.deepEqual([heard.exitCode, heard.stderr], [0, '']);
  assert.match(heard.stdout, /The alert arrived, and somebody reads alerts\.\n$/);
  assert.doesNotMatch(heard.stdout, /042042/);

  const [wrong, none] = [await answered('424242'), await answered('')];
  assert.deepEqual([wrong.exitCode, none.exitCode], [1, 1]);
  assert.match(wrong.stderr, /^renova: that is not the code of this alert\n/);
  assert.match(
    none.stderr,
    /^renova: no alert arrived\n.*PendingConfirmation.*renova-prd-undelivered-alerts\./,
  );
});

test('doctor --alert at the local stack speaks of what that has, not of a mail', async () => {
  const { stderr } = await runCommand(['doctor', '--alert', '--local'], {
    answers: SENT,
    person: { [QUESTION]: '' },
  });
  assert.match(stderr, /^renova: no alert arrived\n.*GET \/events/);
  assert.doesNotMatch(stderr, /aws sns|PendingConfirmation/);
});

test('doctor --alert tells the code when nobody is there to be asked', async () => {
  const ran = await runCommand(['doctor', '--alert', '--local'], { answers: SENT });
  assert.equal(ran.exitCode, 0);
  assert.equal(
    ran.stdout,
    "A test alert with the code 042042 is on its way. Look into GET /events of the local stack's read API.\n",
  );
  assert.deepEqual(ran.sent, [{ to: 'admin', request: { action: 'test-alert' } }]);
});

test('doctor --alert fails when the event bus does not take the alert', async () => {
  const answers = { 'test-alert': { accepted: false, code: '042042' } };
  const ran = await runCommand(['doctor', '--alert', '--env', 'hml'], { answers });
  assert.equal(ran.exitCode, 1);
  assert.match(ran.stderr, /^renova: the event bus did not take the test alert\n.*renova-hml-refresh/);
});

const WELL = { version: VERSION, at: at(0), last_tick_at: at(-60) };
const environment = (more: object, refresh: object = {}) =>
  runCommand(['doctor', '--json', '--env', 'prd'], {
    answers: {
      list: { credentials: [HEALTHY] },
      capacity: { quotas: [QUOTA] },
      examine: { version: VERSION, at: at(0), refresh: { ...WELL, ...refresh }, ...more },
    },
  }).then(({ stdout }) => JSON.parse(stdout).findings.map(({ code }: { code: string }) => code));

test('doctor looks at clocks, versions, seal rings, tables and the last tick', async () => {
  assert.deepEqual(await environment({}), []);
  assert.deepEqual(await environment({ at: at(60) }), []);
  assert.deepEqual(await environment({ at: at(-61) }), ['clock-skewed']);
  assert.deepEqual(await environment({ version: '0.0.1' }), ['versions-differ']);
  assert.deepEqual(await environment({}, { rings: 'invalid-key-ring' }), ['seal-rings-unreadable']);
  assert.deepEqual(await environment({}, { quota_table: 'AccessDeniedException' }), [
    'quota-table-unreadable',
  ]);
  assert.deepEqual(await environment({}, { last_tick_at: at(-180) }), []);
  assert.deepEqual(await environment({}, { last_tick_at: at(-181) }), ['schedule-silent']);
  assert.deepEqual(await environment({ error: { code: 'refresh-service-unavailable', message: 'x' } }), [
    'refresh-unanswered',
  ]);
  assert.deepEqual(await environment({ error: { code: 'unknown-action', message: 'x' } }), []);
});

test('doctor finds nothing wrong with a local stack of another environment', async () => {
  const error = { code: 'other-environment', message: 'The local stack has another.' };
  const { exitCode, stdout, stderr } = await runCommand(['doctor', '--local', '--env', 'hml'], {
    answers: { list: { error }, capacity: { error }, examine: { error }, 'examine-read': { error } },
  });
  assert.deepEqual([exitCode, stdout, stderr], [1, '', 'renova: The local stack has another.\n']);
});
