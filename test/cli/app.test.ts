import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, runCommand } from './run-command.ts';

const CLIENT = { client_id: 'fake-client-id', client_secret: 'fake-client-secret' };
const PERSON = { 'Client id:': CLIENT.client_id, 'Client secret:': CLIENT.client_secret };
const KEPT = { app: 'erp', credentials: 3, steps: [{ step: 'client stored', ok: true }] };

test('app put asks for a whole client of a new app, and says how many use it', async () => {
  const answers = { 'app-list': { apps: [] }, 'app-put': KEPT };
  const { sent, stdout } = await runCommand(['app', 'put', 'erp', '--local'], { answers, person: PERSON });
  assert.deepEqual(sent.at(-1)?.request, { action: 'app-put', app: 'erp', client: CLIENT });
  assert.equal(stdout, '✓ client stored\nThe client of erp is kept; 3 credentials use it.\n');
});

test('app put of a known app leaves the id as it is when nothing is typed', async () => {
  const answers = { 'app-list': { apps: [{ app: 'erp' }] }, 'app-put': KEPT };
  const person = {
    'Client id: (Enter: as it is)': '',
    'Client id (Enter: as it is):': '',
    'Client secret:': 'fake-new',
  };
  const { sent } = await runCommand(['app', 'put', 'erp', '--local'], { answers, person });
  assert.deepEqual(sent.at(-1)?.request, {
    action: 'app-put',
    app: 'erp',
    client: { client_secret: 'fake-new' },
  });
});

test('app put takes the client as JSON, and no token', async () => {
  const put = (secrets: object) =>
    runCommand(['app', 'put', 'erp', '--local', '--secrets', '-'], {
      answers: { 'app-put': KEPT },
      stdin: JSON.stringify(secrets),
    });
  assert.equal((await put({ client: CLIENT })).exitCode, 0);
  const token = await put({ client: CLIENT, refresh_token: 'fake-token' });
  assert.equal(token.exitCode, 2);
  assert.equal(token.sent.length, 0);
});

test('app list is a table, and says how to see who uses one', async () => {
  const apps = [{ app: 'erp', changed_at: at(-60), client_expires_at: at(86_400) }];
  const { stdout } = await runCommand(['app', 'list', '--local'], { answers: { 'app-list': { apps } } });
  assert.match(
    stdout,
    /^app +client secret ends +changed\nerp +.*in 24 h.*\n\nThe cred.*: npx renova list --app <name> --local\n$/,
  );
  const none = await runCommand(['app', 'list', '--local'], { answers: { 'app-list': { apps: [] } } });
  assert.equal(none.stdout, 'No app is kept.\n');
});

test('app remove happens when the name was typed', async () => {
  const answers = { 'app-remove': { app: 'erp', state: 'removed' } };
  const label = 'Type erp to go on:';
  const typed = await runCommand(['app', 'remove', 'erp', '--local'], {
    answers,
    person: { [label]: 'erp' },
  });
  assert.deepEqual(typed.sent[0]?.request, { action: 'app-remove', app: 'erp' });
  const other = await runCommand(['app', 'remove', 'erp', '--local'], {
    answers,
    person: { [label]: 'acme' },
  });
  assert.deepEqual([other.exitCode, other.sent.length], [1, 0]);
  assert.deepEqual(other.checked, [{ action: 'app-remove', app: 'erp', check: true }]);
});

test('app remove that would be refused says so before anything has to be typed', async () => {
  const error = { code: 'app-in-use', message: 'acme uses the client of erp. Nothing was removed.' };
  const { exitCode, asked, stderr } = await runCommand(['app', 'remove', 'erp', '--local'], {
    answers: { check: { error } },
    person: {},
  });
  assert.deepEqual([exitCode, asked], [1, []]);
  assert.match(stderr, /acme uses the client of erp/);
});

test('update --client of a credential that uses an app asks for nothing, and names the app', async () => {
  const { exitCode, asked, stderr, sent } = await runCommand(['update', 'acme', '--client', '--local'], {
    answers: { status: { credential: 'acme', grant: 'refresh_token', app: 'erp' } },
    person: {},
  });
  assert.deepEqual([exitCode, asked, sent.length], [1, [], 1]);
  assert.match(stderr, /acme has the client of erp\n.*: npx renova app put erp --local\n$/);
});

const ANSWERED = { credential: 'acme', state: 'active', steps: [], warnings: [] };

test('register --app asks for the refresh token alone', async () => {
  const { sent } = await runCommand(['register', 'acme', '--app', 'erp', '--scope', 's', '--local'], {
    answers: { register: ANSWERED },
    person: { 'Refresh token:': 'fake-token' },
  });
  const { app, client, refresh_token } = sent[0]?.request ?? {};
  assert.deepEqual([app, client, refresh_token], ['erp', undefined, 'fake-token']);
});

test('register --app of a client that logs in by itself asks for nothing, so nobody need be there', async () => {
  const line = [
    'register',
    'acme',
    '--app',
    'erp',
    '--provider',
    'oauth2',
    '--grant',
    'client_credentials',
    '--local',
  ];
  const { exitCode } = await runCommand(line, { answers: { register: ANSWERED } });
  assert.equal(exitCode, 0);
});

test('update moves a credential to an app, and back with a client of its own', async () => {
  const answers = { update: ANSWERED, status: { ...ANSWERED, grant: 'refresh_token' } };
  const there = await runCommand(['update', 'acme', '--app', 'erp', '--local'], { answers });
  assert.deepEqual(there.sent.at(-1)?.request, { action: 'update', credential: 'acme', app: 'erp' });
  const back = await runCommand(['update', 'acme', '--no-app', '--client', '--local'], {
    answers,
    person: PERSON,
  });
  assert.deepEqual(back.sent.at(-1)?.request, {
    action: 'update',
    credential: 'acme',
    app: null,
    client: CLIENT,
  });
  const other = await runCommand(['update', 'acme', '--mode', 'fresh', '--local'], { answers });
  assert.deepEqual(other.sent.at(-1)?.request, { action: 'update', credential: 'acme', mode: 'fresh' });
});

test('list --app asks for its credentials alone', async () => {
  const { sent } = await runCommand(['list', '--app', 'erp', '--local'], {
    answers: { list: { credentials: [] } },
  });
  assert.deepEqual(sent[0]?.request, { action: 'list', app: 'erp' });
});
