import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import {
  type Check,
  endlessLogs,
  losable,
  openDoors,
  PASSING,
  unencrypted,
  untagged,
  WILDCARDS,
  wildcardActions,
  wildcardResources,
} from './checklist.ts';
import type { ResolvableTemplate, TemplateResource } from './resolve.ts';
import { allStatements } from './statements.ts';
import { synthesize } from './synthesis.ts';

/** What a template must not have, the check that finds it, and faults that it must find. */
const CHECKS: readonly [
  what: string,
  checkOf: (env: string) => Check,
  faults: Readonly<Record<string, Fault>>,
][] = [
  [
    'no wildcard action',
    () => wildcardActions,
    {
      'a pattern of actions': (template) => firstPolicy(template).push(allow('dynamodb:*', 'arn:fake')),
      'all actions but some': (template) =>
        firstPolicy(template).push({ Effect: 'Allow', NotAction: ['iam:*'], Resource: 'arn:fake' }),
    },
  ],
  [
    'no wildcard resource without its reason',
    () => wildcardResources,
    {
      'every table': (template) => firstPolicy(template).push(allow('dynamodb:GetItem', '*')),
      'every secret of an environment': (template) =>
        firstPolicy(template).push(
          allow(
            'secretsmanager:GetSecretValue',
            'arn:aws:secretsmanager:us-east-1:000000000000:secret:renova/prd/*',
          ),
        ),
    },
  ],
  [
    'nothing public',
    () => openDoors,
    {
      'a topic for everybody': (template) =>
        statementsIn(template, 'AlertsTopicPolicyFF1F97BA', 'PolicyDocument').push({
          ...allow('sns:Publish', '*'),
          Principal: { AWS: '*' },
        }),
      'a route without a signature': (template) =>
        set(template, 'AWS::ApiGatewayV2::Route', { AuthorizationType: 'NONE' }),
      'a function that any API may call': (template) =>
        set(template, 'AWS::Lambda::Permission', { SourceArn: undefined }),
    },
  ],
  [
    'everything encrypted',
    () => unencrypted,
    {
      'a table in the clear': (template) =>
        set(template, 'AWS::DynamoDB::Table', { SSESpecification: undefined }),
      'a table with the key of AWS': (template) =>
        set(template, 'AWS::DynamoDB::Table', { SSESpecification: { SSEEnabled: true } }),
      'a topic in the clear': (template) => set(template, 'AWS::SNS::Topic', { KmsMasterKeyId: undefined }),
      'a queue in the clear': (template) => set(template, 'AWS::SQS::Queue', { SqsManagedSseEnabled: false }),
      'a type that nobody thought about': (template) => {
        Object.assign(template.Resources, { Bucket: { Type: 'AWS::S3::Bucket', Properties: {} } });
      },
    },
  ],
  [
    'everything tagged',
    untagged,
    {
      'an alarm without tags': (template) => set(template, 'AWS::CloudWatch::Alarm', { Tags: undefined }),
      'a table of another environment': (template) =>
        set(template, 'AWS::DynamoDB::Table', { Tags: [{ Key: 'app', Value: 'renova' }] }),
    },
  ],
  [
    'every log group with retention',
    () => endlessLogs,
    {
      'a log for ever': (template) => set(template, 'AWS::Logs::LogGroup', { RetentionInDays: undefined }),
      'a function whose log nobody made': (template) =>
        set(template, 'AWS::Lambda::Function', { LoggingConfig: { LogFormat: 'JSON' } }),
    },
  ],
  [
    'every state retained',
    () => losable,
    {
      'a table that goes': (template) => {
        Object.assign(first(template, 'AWS::DynamoDB::Table'), { DeletionPolicy: 'Delete' });
      },
      'a seal ring that is replaced': (template) => {
        Object.assign(first(template, 'AWS::SecretsManager::Secret'), { UpdateReplacePolicy: 'Delete' });
      },
    },
  ],
];

for (const env of ENVIRONMENTS) {
  describe(`the template of ${env} has`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());

    for (const [what, checkOf, faults] of CHECKS) {
      it(what, () => {
        assert.deepEqual(checkOf(env)(synthesis.template), []);
      });

      for (const [fault, plant] of Object.entries(faults)) {
        it(`${what}: ${fault} would be found`, () => {
          const template = structuredClone(synthesis.template);
          plant(template);
          assert.equal(checkOf(env)(template).length, 1);
        });
      }
    }

    it('a use for every exception', () => {
      const resources = allStatements(synthesis.template).flatMap((statement) => statement.resources);
      for (const { resource, because } of WILDCARDS) {
        assert.ok(
          resources.some((each) => resource.test(each)),
          because,
        );
      }
      for (const id of PASSING.keys()) assert.ok(synthesis.template.Resources[id], id);
    });

    it('no role with a managed policy', () => {
      for (const { Properties } of Object.values(synthesis.template.Resources)) {
        assert.equal(Properties.ManagedPolicyArns, undefined);
      }
    });
  });
}

type Fault = (template: ResolvableTemplate) => unknown;

function allow(action: string, resource: string) {
  return { Effect: 'Allow', Action: action, Resource: resource };
}

function firstPolicy(template: ResolvableTemplate): object[] {
  const [id = ''] =
    Object.entries(template.Resources).find(([, { Type }]) => Type === 'AWS::IAM::Policy') ?? [];
  return statementsIn(template, id, 'PolicyDocument');
}

function statementsIn(template: ResolvableTemplate, id: string, property: string): object[] {
  const { Properties } = template.Resources[id] ?? assert.fail(id);
  return (Properties[property] as { Statement: object[] }).Statement;
}

function first(template: ResolvableTemplate, type: string): TemplateResource {
  return Object.values(template.Resources).find(({ Type }) => Type === type) ?? assert.fail(type);
}

/** Changes the first resource of a type; what is undefined is taken away. */
function set(template: ResolvableTemplate, type: string, properties: object): void {
  const resource = first(template, type);
  const changed = JSON.parse(JSON.stringify({ ...resource.Properties, ...properties }));
  Object.assign(resource, { Properties: changed });
}
