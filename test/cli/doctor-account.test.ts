import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { VERSION } from '../../shared/config/version.ts';
import {
  type AccountAnswers,
  alarms,
  configuration,
  fakeAccount,
  INDEXES,
  ok,
  refused,
  simulated,
  subscriptions,
  type tableOf,
} from './fake-account.ts';
import { at, runCommand } from './run-command.ts';
import { HEALTHY } from './summaries.ts';

const WELL = { version: VERSION, at: at(0), last_tick_at: at(-60) };
const ANSWERS = {
  list: { credentials: [{ ...HEALTHY, provider: 'bs2' }] },
  capacity: { quotas: [] },
  examine: { version: VERSION, at: at(0), refresh: WELL },
  'examine-read': { version: VERSION, at: at(0) },
};

function examine(changes: AccountAnswers = {}, answers: object = {}, line: readonly string[] = []) {
  return runCommand(['doctor', '--env', 'prd', ...line], {
    askAws: fakeAccount(changes),
    answers: { ...ANSWERS, ...answers },
  });
}

async function found(changes: AccountAnswers, answers: object = {}): Promise<string[]> {
  const { exitCode, stdout } = await examine(changes, answers, ['--json']);
  const { findings } = JSON.parse(stdout);
  assert.equal(exitCode, findings.length > 0 ? 1 : 0);
  for (const { explanation, remedy } of findings) {
    assert.match(explanation, /\.$/);
    assert.ok(remedy.length > 20, remedy);
  }
  return findings.map(({ code }: { code: string }) => code);
}

test('doctor names account, region and the addresses that providers see, where all is well', async () => {
  const { exitCode, stdout, stderr } = await examine();
  assert.deepEqual([exitCode, stderr], [0, '']);
  assert.equal(
    stdout,
    'prd is well: 1 credential, the schedule and the quotas.\n' +
      'Looked at: account 123456789012, region sa-east-1.\n' +
      'Providers see 203.0.113.7 and 203.0.113.8: enter them where a provider allows addresses.\n',
  );
});

test('doctor --json has the same facts beside the findings', async () => {
  const { stdout } = await examine({}, {}, ['--json']);
  assert.deepEqual(JSON.parse(stdout), {
    environment: 'prd',
    account: '123456789012',
    region: 'sa-east-1',
    egress_addresses: ['203.0.113.7', '203.0.113.8'],
    credentials: 1,
    findings: [],
    unexamined: [],
  });
});

const only =
  (part: string, answer: ReturnType<typeof ok>) =>
  (question: Parameters<typeof tableOf>[0]): ReturnType<typeof ok> =>
    JSON.stringify(question).includes(part)
      ? answer
      : ok({ Table: { TableStatus: 'ACTIVE', GlobalSecondaryIndexes: INDEXES } });

const CASES: Readonly<Record<string, readonly [AccountAnswers, ...codes: string[]]>> = {
  'a table that is not there': [
    { 'dynamodb:DescribeTable': only('renova-prd-quota', refused('ResourceNotFoundException')) },
    'table-missing',
  ],
  'a table whose key is disabled': [
    {
      'dynamodb:DescribeTable': only(
        'renova-prd-credentials',
        ok({
          Table: {
            TableStatus: 'INACCESSIBLE_ENCRYPTION_CREDENTIALS',
            GlobalSecondaryIndexes: INDEXES,
          },
        }),
      ),
    },
    'table-unusable',
  ],
  'a table without its index of what is due': [
    {
      'dynamodb:DescribeTable': () =>
        ok({
          Table: {
            TableStatus: 'ACTIVE',
            GlobalSecondaryIndexes: INDEXES.filter(({ IndexName }) => IndexName !== 'due'),
          },
        }),
    },
    'table-unusable',
  ],
  'a schedule that is disabled': [
    { 'scheduler:GetSchedule': () => ok({ State: 'DISABLED' }) },
    'schedule-off',
  ],
  'a schedule that is not there': [
    { 'scheduler:GetSchedule': () => refused('ResourceNotFoundException') },
    'schedule-off',
  ],
  'dead letters': [
    {
      'sqs:GetQueueAttributes': ({ body = '' }) =>
        ok({ Attributes: { ApproximateNumberOfMessages: body.includes('ticks') ? '3' : '0' } }),
    },
    'dead-letters',
  ],
  'a subscription that waits for its confirmation': [
    { 'sns:ListSubscriptionsByTopic': () => subscriptions('arn:aws:sns:x:1:t:2', 'PendingConfirmation') },
    'subscription-unconfirmed',
  ],
  'a topic without a subscription': [
    { 'sns:ListSubscriptionsByTopic': () => subscriptions() },
    'nobody-subscribed',
  ],
  'a rule of alerts that is disabled': [
    { 'events:ListRules': () => ok({ Rules: [{ Name: 'renova-prd-alerts-lapsed', State: 'DISABLED' }] }) },
    'alerts-off',
  ],
  'no rule of alerts at all': [{ 'events:ListRules': () => ok({ Rules: [] }) }, 'alerts-off'],
  'an alarm that rings': [
    { 'cloudwatch:DescribeAlarms': () => alarms(['renova-prd-late-ticks', 'ALARM']) },
    'alarm-ringing',
  ],
  'an alarm that may tell nobody': [
    { 'cloudwatch:DescribeAlarms': () => alarms(['renova-prd-late-ticks', 'OK', false]) },
    'alerts-off',
  ],
  'a permission that was taken away': [
    {
      'iam:SimulatePrincipalPolicy': (question) =>
        simulated(question, (action) => action !== 'events:PutEvents' || !question.body?.includes('refresh')),
    },
    'permission-missing',
  ],
  'a function that is not there': [
    {
      'lambda:GetFunctionConfiguration': (question) =>
        question.path.includes('-read/') ? refused('ResourceNotFoundException') : configuration(question),
    },
    'function-missing',
  ],
  'a function that cannot run': [
    {
      'lambda:GetFunctionConfiguration': (question) =>
        configuration(question, question.path.includes('-read/') ? { State: 'Failed' } : {}),
    },
    'function-broken',
  ],
  'a function that lost a variable of its environment': [
    {
      'lambda:GetFunctionConfiguration': (question) =>
        configuration(
          question,
          question.path.includes('-admin/') ? { Environment: { Variables: { RENOVA_ENV: 'prd' } } } : {},
        ),
    },
    'function-misconfigured',
  ],
  'a function that somebody stopped': [
    {
      'lambda:GetFunctionConcurrency': ({ path }) =>
        ok(path.includes('-refresh/') ? { ReservedConcurrentExecutions: 0 } : {}),
    },
    'function-stopped',
  ],
  'a provider that allows addresses, and no address that stays': [
    {
      'lambda:GetFunctionConfiguration': (question) => configuration(question, { VpcConfig: { VpcId: '' } }),
    },
    'address-not-fixed',
  ],
};

for (const [what, [changes, ...codes]] of Object.entries(CASES)) {
  test(`doctor finds ${what}`, async () => {
    assert.deepEqual(await found(changes), codes);
  });
}

test('doctor names the action that a role may not do, and for what', async () => {
  const { stdout } = await examine({
    'iam:SimulatePrincipalPolicy': (question) =>
      simulated(question, (action) => action !== 'events:PutEvents'),
  });
  assert.match(
    stdout,
    /The role of renova-prd-refresh may not do what it must: events:PutEvents \(telling events\)\./,
  );
});

test('doctor asks IAM about every action with its resource, and tells it the source of events', async () => {
  const asked: string[] = [];
  await examine({
    'iam:SimulatePrincipalPolicy': (question) => {
      asked.push(decodeURIComponent(question.body ?? ''));
      return simulated(question, () => true);
    },
  });
  const events = asked.find((each) => each.includes('events:PutEvents')) ?? assert.fail();
  assert.match(events, /PolicySourceArn=arn:aws:iam::123456789012:role\/renova-prd-refresh&/);
  assert.match(events, /ResourceArns\.member\.1=arn:aws:events:sa-east-1:123456789012:event-bus\/default&/);
  assert.match(events, /ContextKeyName=events:source&.*ContextKeyValues\.member\.1=renova$/);
});

test('doctor says what it may not look at, and that is no finding', async () => {
  const changes = { 'iam:SimulatePrincipalPolicy': () => refused('AccessDenied') };
  const { exitCode, stdout } = await examine(changes);
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /^Not looked at \(AccessDenied\): the permissions of the functions \(iam:SimulatePrincipalPolicy\)\.$/m,
  );
  const { unexamined } = JSON.parse((await examine(changes, {}, ['--json'])).stdout);
  assert.deepEqual(unexamined, [
    {
      what: 'the permissions of the functions',
      permission: 'iam:SimulatePrincipalPolicy',
      reason: 'AccessDenied',
    },
  ]);
});

test('doctor looks at the account also when the admin function cannot say what is registered', async () => {
  const failed = { error: { code: 'store-unavailable', message: 'x' } };
  assert.deepEqual(
    await found(
      { 'dynamodb:DescribeTable': only('prd-credentials', refused('ResourceNotFoundException')) },
      { list: failed, capacity: failed },
    ),
    ['admin-unanswered', 'table-missing'],
  );
});

test('doctor asks the read function too: its version, and whether it can read', async () => {
  assert.deepEqual(await found({}, { 'examine-read': { version: '0.0.1' } }), ['versions-differ']);
  assert.deepEqual(await found({}, { 'examine-read': { version: VERSION, ring: 'invalid-key-ring' } }), [
    'read-cannot-read',
  ]);
  const broken = { error: { code: 'provider-unavailable', message: 'x' } };
  assert.deepEqual(await found({}, { 'examine-read': broken }), ['read-unanswered']);
});

test('of the local stack doctor asks what it has', async () => {
  const permissions = new Set<string>();
  const account = fakeAccount();
  const { exitCode } = await runCommand(['doctor', '--local'], {
    askAws: (question) => {
      permissions.add(question.permission);
      return account(question);
    },
    answers: ANSWERS,
  });
  assert.equal(exitCode, 0);
  assert.deepEqual([...permissions].sort(), [
    'dynamodb:DescribeTable',
    'lambda:GetFunctionConfiguration',
    'sts:GetCallerIdentity',
  ]);
});

test('docs/deploy.md lists every permission that doctor asks for, and no other', async () => {
  const permissions = new Set<string>();
  const account = fakeAccount();
  const askAws: typeof account = (question) => {
    permissions.add(question.permission);
    return account(question);
  };
  await runCommand(['doctor', '--env', 'prd'], { askAws, answers: ANSWERS });
  // Everybody may ask who they are.
  permissions.delete('sts:GetCallerIdentity');
  const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
  const [, section = ''] = page.split('### What doctor asks');
  const [, policy = ''] = /```json\n(.*?)```/s.exec(section) ?? [];
  const listed = [...policy.matchAll(/"(\w+:\w+)"/g)].map(([, action = '']) => action);
  assert.deepEqual(listed.sort(), [...permissions].sort());
});
