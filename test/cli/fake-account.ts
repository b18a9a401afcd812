import type { AskAws, AwsAnswer, AwsQuestion } from '../../cli/account/ask-aws.ts';
import { CREDENTIALS_TABLE } from '../../shared/config/tables.ts';

/** What AWS answers to a permission, by what is asked: text, or the code of a refusal. */
export type AccountAnswers = Readonly<Record<string, (question: AwsQuestion) => AwsAnswer>>;

/** The indexes that the credentials table has, all of them ready. */
export const INDEXES = CREDENTIALS_TABLE.indexes.map(({ name }) => ({
  IndexName: name,
  IndexStatus: 'ACTIVE',
}));

const ACCOUNT = '123456789012';
const REGION = 'sa-east-1';

export const ok = (answer: object | string): AwsAnswer => ({
  ok: true,
  text: typeof answer === 'string' ? answer : JSON.stringify(answer),
});
export const refused = (code: string): AwsAnswer => ({ ok: false, code });

/** The configuration of a function of {@link fakeAccount}, with changes. */
export function configuration({ path }: AwsQuestion, changes: object = {}): AwsAnswer {
  const name = path.split('/')[3] ?? '';
  return ok({
    FunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
    Role: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Environment: {
      Variables: {
        RENOVA_ENV: 'prd',
        RENOVA_CREDENTIALS_TABLE: 'renova-prd-credentials',
        RENOVA_QUOTA_TABLE: 'renova-prd-quota',
        RENOVA_SECRET_PREFIX: 'renova/prd',
        RENOVA_REFRESH_FUNCTION: 'renova-prd-refresh',
      },
    },
    VpcConfig: { VpcId: 'vpc-1' },
    ...changes,
  });
}

/** One result of IAM's simulation for each action of the question. */
export function simulated({ body = '' }: AwsQuestion, isAllowed: (action: string) => boolean): AwsAnswer {
  const actions = [...new URLSearchParams(body)]
    .filter(([name]) => name.startsWith('ActionNames.'))
    .map(([, action]) => action);
  const results = actions.map(
    (action) =>
      `<member><MatchedStatements><member><SourcePolicyId>x</SourcePolicyId></member></MatchedStatements>` +
      `<EvalActionName>${action}</EvalActionName><EvalDecision>${isAllowed(action) ? 'allowed' : 'implicitDeny'}</EvalDecision></member>`,
  );
  return ok(`<R><EvaluationResults>${results.join('')}</EvaluationResults></R>`);
}

/** The table of a question to DynamoDB. */
export const tableOf = ({ body = '{}' }: AwsQuestion): string => JSON.parse(body).TableName;

export const alarms = (...named: readonly [name: string, state: string, enabled?: boolean][]): AwsAnswer =>
  ok(
    `<R><MetricAlarms>${named
      .map(
        ([name, state, enabled = true]) =>
          `<member><Dimensions><member><Name>AlarmName</Name></member></Dimensions><AlarmName>${name}</AlarmName>` +
          `<StateValue>${state}</StateValue><ActionsEnabled>${enabled}</ActionsEnabled></member>`,
      )
      .join('')}</MetricAlarms></R>`,
  );

export const subscriptions = (...arns: readonly string[]): AwsAnswer =>
  ok(`<R>${arns.map((arn) => `<member><SubscriptionArn>${arn}</SubscriptionArn></member>`).join('')}</R>`);

const WELL: AccountAnswers = {
  'sts:GetCallerIdentity': () => ok(`<R><Account>${ACCOUNT}</Account></R>`),
  'dynamodb:DescribeTable': () =>
    ok({
      Table: { TableStatus: 'ACTIVE', GlobalSecondaryIndexes: INDEXES },
    }),
  'lambda:GetFunctionConfiguration': (question) => configuration(question),
  'lambda:GetFunctionConcurrency': () => ok({ ReservedConcurrentExecutions: 10 }),
  'iam:SimulatePrincipalPolicy': (question) => simulated(question, () => true),
  'scheduler:GetSchedule': () => ok({ Name: 'renova-prd-tick', State: 'ENABLED' }),
  'sqs:GetQueueUrl': ({ body = '{}' }) => {
    const { QueueName } = JSON.parse(body);
    return QueueName.endsWith('-webhooks')
      ? refused('QueueDoesNotExist')
      : ok({ QueueUrl: `https://sqs.example/${QueueName}` });
  },
  'sqs:GetQueueAttributes': () => ok({ Attributes: { ApproximateNumberOfMessages: '0' } }),
  'events:ListRules': () => ok({ Rules: [{ Name: 'renova-prd-alerts-lapsed', State: 'ENABLED' }] }),
  'events:ListTargetsByRule': () =>
    ok({ Targets: [{ Arn: `arn:aws:sns:${REGION}:${ACCOUNT}:renova-prd-alerts` }] }),
  'sns:ListSubscriptionsByTopic': () => subscriptions(`arn:aws:sns:${REGION}:${ACCOUNT}:renova-prd-alerts:1`),
  'cloudwatch:DescribeAlarms': () => alarms(['renova-prd-silence', 'OK']),
  'ec2:DescribeNatGateways': () =>
    ok('<R><publicIp>203.0.113.7</publicIp><publicIp>203.0.113.8</publicIp></R>'),
};

/** An account in which all is well, but for the changes. */
export function fakeAccount(changes: AccountAnswers = {}): AskAws {
  const answers: AccountAnswers = { ...WELL, ...changes };
  return async (question) => answers[question.permission]?.(question) ?? refused('unknown');
}
