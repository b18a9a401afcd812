import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ENVIRONMENTS, type EnvironmentName, names } from '../../shared/config/names.ts';
import { isAllowed, policies, type Statement, statementsOf } from './policy.ts';
import { resolve } from './resolve.ts';
import { synthesize } from './synthesis.ts';

const secret = (name: string) => `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;
const table = (name: string) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`;
const invoke = (env: string) => [
  'lambda:InvokeFunction',
  `arn:aws:lambda:us-east-1:000000000000:function:renova-${env}-refresh`,
];
const invokeAlias = (env: string) => [
  'lambda:InvokeFunction',
  `arn:aws:lambda:us-east-1:000000000000:function:renova-${env}-refresh:readers`,
];
const logs = (name: string) => [
  'logs:CreateLogStream logs:PutLogEvents',
  `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/${name}:*`,
];
const STORE = [
  'secretsmanager:PutSecretValue',
  'secretsmanager:CreateSecret',
  'secretsmanager:DescribeSecret',
  'secretsmanager:RestoreSecret',
].join(' ');
const LABEL_AND_DELETE =
  'secretsmanager:TagResource secretsmanager:UntagResource secretsmanager:DeleteSecret';
const TRACE = ['xray:PutTraceSegments xray:PutTelemetryRecords', '*'];
const DATA_KEY = 'arn:aws:kms:us-east-1:000000000000:key/TablesKeyD3984C03';
const READ_ENCRYPTED = 'kms:Decrypt kms:DescribeKey';
const WRITE_ENCRYPTED = `${READ_ENCRYPTED} kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo`;
const READ = 'secretsmanager:GetSecretValue secretsmanager:DescribeSecret';

for (const env of ENVIRONMENTS) {
  describe(`the permissions of ${env}`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());
    const { refreshFunction, readFunction, adminFunction } = names(env);
    const statements = (name: string) => statementsOf(synthesis.template, name);
    const [refresh, read, admin] = [refreshFunction, readFunction, adminFunction].map(statements) as [
      Statement[],
      Statement[],
      Statement[],
    ];

    it('are what each function calls, and nothing else', () => {
      assert.deepEqual(lines(refresh), expectedOfRefresh(env));
      assert.deepEqual(lines(read), expectedOfRead(env));
      assert.deepEqual(lines(admin), expectedOfAdmin(env));
    });

    it('let the refresh function send no event under another name', () => {
      const { condition } = refresh.find(({ actions }) => actions.includes('events:PutEvents')) ?? {};
      assert.deepEqual(condition, { StringEquals: { 'events:source': 'renova' } });
    });

    it('leave client secrets and the key of refresh tokens to the refresh function', () => {
      for (const name of ['acme/client', 'app/erp', 'acme/rescue', 'seal/refresh']) {
        const arn = secret(`renova/${env}/${name}-aaaaaa`);
        assert.ok(isAllowed(refresh, 'secretsmanager:GetSecretValue', arn), name);
        assert.ok(!isAllowed(read, 'secretsmanager:GetSecretValue', arn), name);
        assert.ok(!isAllowed(admin, 'secretsmanager:GetSecretValue', arn), name);
      }
    });

    it('let the read function write nothing', () => {
      const writing = /:(Put|Create|Update|Delete|Restore|Tag|BatchWrite)/;
      const actions = read.flatMap((statement) => statement.actions);
      assert.deepEqual(
        actions.filter((action) => writing.test(action)),
        ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      );
    });

    it('let the read function invoke the refresh function by the alias for readers, and by no other name', () => {
      const byName = `arn:aws:lambda:us-east-1:000000000000:function:${refreshFunction}`;
      assert.ok(isAllowed(read, 'lambda:InvokeFunction', `${byName}:readers`));
      for (const arn of [byName, `${byName}:$LATEST`, `${byName}:1`, `${byName}:other`]) {
        assert.ok(!isAllowed(read, 'lambda:InvokeFunction', arn), arn);
      }
      assert.ok(isAllowed(admin, 'lambda:InvokeFunction', byName));
    });

    it('leave seal keys to their rotation, though a credential may be called "seal"', () => {
      for (const ring of ['access', 'refresh']) {
        const arn = secret(`renova/${env}/seal/${ring}-aaaaaa`);
        assert.ok(isAllowed(refresh, 'secretsmanager:PutSecretValue', arn));
        for (const role of [read, admin]) assert.ok(!isAllowed(role, 'secretsmanager:PutSecretValue', arn));
        for (const action of ['DeleteSecret', 'CreateSecret', 'RestoreSecret']) {
          for (const role of [refresh, read, admin]) {
            assert.ok(!isAllowed(role, `secretsmanager:${action}`, arn), `${action} ${ring}`);
          }
        }
      }
    });

    it('use the key of the tables through DynamoDB alone', () => {
      for (const role of [refresh, read, admin]) {
        const { condition } = role.find(({ resources }) => resources.includes(DATA_KEY)) ?? {};
        assert.deepEqual(resolve(synthesis.template, condition), {
          StringEquals: {
            'kms:ViaService': ['dynamodb.us-east-1.amazonaws.com', 'dynamodb.us-east-1.amazonaws.com'],
          },
        });
      }
    });

    it('end at secrets of Renova, though a pattern of IAM matches the slashes of longer names too', () => {
      for (const name of [
        'billing/sub/client-aaaaaa',
        'billing/sub/client',
        'billing/sub/rescue-aaaaaa',
        'x/y/token/secret-aaaaaa',
        'x/y/token/0-aaaaaa',
        'x/token/y/secret-aaaaaa',
        'x/token/0/deep-aaaaaa',
        'app/x/sub-aaaaaa',
      ]) {
        const arn = secret(`renova/${env}/${name}`);
        for (const action of ['GetSecretValue', 'PutSecretValue', 'CreateSecret', 'DeleteSecret']) {
          for (const role of [refresh, read, admin]) {
            assert.ok(!isAllowed(role, `secretsmanager:${action}`, arn), `${action} ${name}`);
          }
        }
      }
      for (const name of [
        'x/client-aaaaaa',
        'x.y/client',
        'client/client-aaaaaa',
        'token/token/0-aaaaaa',
        'x/token/19',
        'app/x-aaaaaa',
        'app/x',
      ]) {
        const arn = secret(`renova/${env}/${name}`);
        for (const role of [refresh, admin])
          assert.ok(isAllowed(role, 'secretsmanager:PutSecretValue', arn), name);
      }
    });

    it('let the schedule invoke the refresh function and put aside what it cannot deliver', () => {
      const schedules = policies(synthesis.template).filter(({ id }) => id.startsWith('TickSchedule'));
      assert.deepEqual(
        schedules.flatMap(({ statements }) => lines(statements)),
        [
          invoke(env),
          ['sqs:SendMessage', `arn:aws:sqs:us-east-1:000000000000:renova-${env}-undelivered-ticks`],
        ],
      );
    });

    it('end at the environment', () => {
      const other = env === 'prd' ? 'hml' : 'prd';
      const text = JSON.stringify([refresh, read, admin]);
      assert.doesNotMatch(text, new RegExp(`renova[-/]${other}`));
    });
  });
}

function lines(statements: readonly Statement[]): string[][] {
  return statements.map(({ actions, resources }) => [actions.join(' '), ...resources]);
}

function expectedOfRefresh(env: EnvironmentName): string[][] {
  const credentials = table(`renova-${env}-credentials`);
  const change = `${READ} secretsmanager:PutSecretValue`;
  const keep = `secretsmanager:GetSecretValue ${STORE}`;
  return [
    logs(`renova-${env}-refresh`),
    TRACE,
    ['dynamodb:GetItem dynamodb:PutItem dynamodb:Scan', credentials],
    ['dynamodb:Query', `${credentials}/index/due`, `${credentials}/index/attention`],
    ['dynamodb:GetItem dynamodb:PutItem', table(`renova-${env}-quota`)],
    [WRITE_ENCRYPTED, DATA_KEY],
    [change, secret(`renova/${env}/seal/access-aaaaaa`), secret(`renova/${env}/seal/refresh-aaaaaa`)],
    [
      change,
      secret(`renova/${env}/*/client`),
      secret(`renova/${env}/*/client-??????`),
      secret(`renova/${env}/app/*`),
    ],
    [
      `${keep} secretsmanager:TagResource`,
      secret(`renova/${env}/*/rescue`),
      secret(`renova/${env}/*/rescue-??????`),
    ],
    [`${keep} secretsmanager:TagResource`, secret(`renova/${env}/*/token/*`)],
    ['ssm:PutParameter ssm:AddTagsToResource', parameter(env)],
    ['events:PutEvents', 'arn:aws:events:us-east-1:000000000000:event-bus/default'],
    nobodyElses(env),
    nobodyElsesParameters(env),
  ];
}

function expectedOfRead(env: EnvironmentName): string[][] {
  return [
    logs(`renova-${env}-read`),
    TRACE,
    ['dynamodb:GetItem', table(`renova-${env}-credentials`)],
    [READ_ENCRYPTED, DATA_KEY],
    [READ, secret(`renova/${env}/seal/access-aaaaaa`)],
    invokeAlias(env),
  ];
}

function expectedOfAdmin(env: EnvironmentName): string[][] {
  const [client, lane, rescue] = ['client', 'token/*', 'rescue'].map((kind) =>
    secret(`renova/${env}/*/${kind}`),
  ) as [string, string, string];
  return [
    logs(`renova-${env}-admin`),
    TRACE,
    ['dynamodb:GetItem dynamodb:PutItem dynamodb:Scan', table(`renova-${env}-credentials`)],
    ['dynamodb:Query dynamodb:Scan', `${table(`renova-${env}-credentials`)}/index/quota`],
    ['dynamodb:GetItem', table(`renova-${env}-quota`)],
    [WRITE_ENCRYPTED, DATA_KEY],
    [`${STORE} ${LABEL_AND_DELETE}`, ...[client, `${client}-??????`, secret(`renova/${env}/app/*`), lane]],
    [`secretsmanager:DescribeSecret ${LABEL_AND_DELETE}`, rescue, `${rescue}-??????`],
    ['ssm:DeleteParameter ssm:AddTagsToResource ssm:RemoveTagsFromResource', parameter(env)],
    invoke(env),
    nobodyElses(env),
    nobodyElsesParameters(env),
  ];
}

function parameter(env: EnvironmentName): string {
  return `arn:aws:ssm:us-east-1:000000000000:parameter/renova/${env}/*/token`;
}

function nobodyElsesParameters(env: EnvironmentName): string[] {
  return [
    'ssm:PutParameter ssm:DeleteParameter ssm:AddTagsToResource ssm:RemoveTagsFromResource',
    parameter(env).replace('/*/', '/*/*/'),
  ];
}

/** What is denied. */
function nobodyElses(env: EnvironmentName): string[] {
  const names = ['*/*/client*', 'app/*/*', '*/*/rescue*', '*/*/token/*', '*/token/*/*'];
  const actions = `${READ} secretsmanager:PutSecretValue secretsmanager:CreateSecret secretsmanager:RestoreSecret`;
  return [`${actions} ${LABEL_AND_DELETE}`, ...names.map((name) => secret(`renova/${env}/${name}`))];
}
