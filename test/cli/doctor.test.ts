import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, runCommand } from './run-command.ts';
import { FAILING, HEALTHY, LAPSED } from './summaries.ts';

const QUOTA = { key: 'bs2', limit: 10, window_seconds: 60, used_percent: 44.4 };
const QUESTION = 'Code in the alert (empty: none came):';
const SENT = { 'test-alert': { accepted: true, code: '042042' } };

function examined(credentials: readonly object[], quota: object = QUOTA) {
  return runCommand(['doctor', '--env', 'prd'], {
    answers: { list: { credentials }, capacity: { quotas: [quota] } },
  });
}

test('doctor says that everything is well, and only then', async () => {
  const well = await examined([HEALTHY]);
  assert.deepEqual([well.exitCode, well.stderr], [0, '']);
  assert.equal(well.stdout, 'prd is well: 1 credential, the schedule and the quotas.\n');
});

test('doctor does not call a schedule well that has nothing to do', async () => {
  const { exitCode, stdout } = await examined([]);
  assert.equal(exitCode, 0);
  assert.equal(stdout, 'prd has no credentials yet, so nothing can be said of its schedule.\n');
});

test('doctor names a credential whose token stays unpublished', async () => {
  const { exitCode, stdout } = await examined([
    { ...HEALTHY, published_generation: 11, issued_at: at(-240) },
  ]);
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /^acme is refreshed, but .* for 4 min: .*\n {2}To mend it: npx renova refresh acme --env prd$/m,
  );
});

test('doctor names each thing that is not well, with the command that mends it', async () => {
  const { exitCode, stdout, stderr } = await examined([HEALTHY, FAILING, LAPSED], {
    ...QUOTA,
    used_percent: 92,
  });
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /^beta is failing for .*\n {2}To mend it: npx renova update beta --client --env prd$/m,
  );
  assert.match(stdout, /^gamma lapsed .*\n {2}To mend it: npx renova reseed gamma --env prd$/m);
  assert.match(
    stdout,
    /^The quota bs2 is nearly used up: .* 92 % .*\n {2}See: npx renova capacity --env prd$/m,
  );
  assert.doesNotMatch(stdout, /acme/);
  assert.equal(stderr, 'renova: prd is not well: 3 findings\n');
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
