import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Environment, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AccountPrincipal, type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Renova } from '../../infra/renova.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../shared/config/names.ts';
import { isAllowed, policies, type Statement } from './policy.ts';
import type { ResolvableTemplate } from './resolve.ts';
import { quickApp } from './synthesis.ts';

const ACTIONS = [
  'secretsmanager:GetSecretValue',
  'execute-api:Invoke',
  'ssm:GetParameter',
  'ssm:GetParameters',
];

for (const env of ENVIRONMENTS) {
  describe(`a workload of another app that may read "acme" of ${env}`, () => {
    let statements: readonly Statement[] = [];
    before(() => {
      statements = grantedTo((renova, role) => renova.grantRead('acme', role), env);
    });

    it('reads its published secrets, its parameter and its two routes', () => {
      for (const [action, resource] of doorsOf('acme', env)) {
        assert.ok(isAllowed(statements, action, resource), resource);
      }
    });

    it('reads no other credential, whatever it is called', () => {
      for (const other of ['beta', 'acme2', 'acme.', 'acm', 'acme-x', 'xacme', 'seal']) {
        for (const [action, resource] of doorsOf(other, env)) {
          assert.ok(!isAllowed(statements, action, resource), resource);
        }
      }
    });

    it('reads nothing of the other environment', () => {
      const other = env === 'prd' ? 'hml' : 'prd';
      for (const [action, resource] of doorsOf('acme', other).filter(
        ([each]) => each !== 'execute-api:Invoke',
      )) {
        assert.ok(!isAllowed(statements, action, resource), resource);
      }
    });

    it('does nothing but read: no client secret, no rescue copy, no seal key, no other route, no writing', () => {
      for (const name of [
        'acme/token/x/secret-aaaaaa',
        'acme/token/x-aaaaaa-aaaaaa',
        'acme/token/100-aaaaaa',
      ]) {
        assert.ok(!isAllowed(statements, 'secretsmanager:GetSecretValue', secret(env, name)), name);
      }
      for (const name of ['acme/client-aaaaaa', 'acme/rescue-aaaaaa', 'seal/access-aaaaaa', 'acme-aaaaaa']) {
        assert.ok(!isAllowed(statements, 'secretsmanager:GetSecretValue', secret(env, name)), name);
      }
      for (const route of [
        'POST/tokens/acme',
        'GET/tokens/acme/refused',
        'GET/tokens',
        'DELETE/tokens/acme',
      ]) {
        assert.ok(!isAllowed(statements, 'execute-api:Invoke', api(route)), route);
      }
      assert.deepEqual(statements.flatMap(({ actions }) => actions).sort(), [...ACTIONS].sort());
    });
  });
}

describe('granting to read', () => {
  it('refuses what could stand for more than one credential', () => {
    const missing = undefined as unknown as string;
    for (const credential of ['*', 'acme*', 'a/b', '', 'ACME', '../acme', 'acme?', missing]) {
      assert.throws(
        () => grantedTo((renova, role) => renova.grantRead(credential, role)),
        { code: 'invalid-settings', message: /^credential: expected one id/ },
        credential,
      );
    }
  });

  it('refuses a grantee that it would grant nothing, and says what to do', () => {
    const grantees: Readonly<Record<string, (stack: Stack) => IGrantable>> = {
      'a role of another account': (stack) =>
        Role.fromRoleArn(stack, 'Foreign', 'arn:aws:iam::222222222222:role/workload'),
      'a role that is not to be changed': (stack) =>
        Role.fromRoleArn(stack, 'Fixed', 'arn:aws:iam::111111111111:role/workload', { mutable: false }),
      'an account': () => new AccountPrincipal('222222222222'),
      'a service': () => new ServicePrincipal('lambda.amazonaws.com'),
    };
    for (const [what, granteeIn] of Object.entries(grantees)) {
      const { stack, renova } = appOf('hml', { account: '111111111111', region: 'sa-east-1' });
      assert.throws(
        () => renova.grantRead('acme', granteeIn(stack)),
        {
          code: 'invalid-settings',
          message: /^grantee: its policies cannot be changed from here; .*Readers of another account/,
        },
        what,
      );
    }
  });

  it('grants a role that is there already in this account', () => {
    const { stack, renova } = appOf('hml', { account: '111111111111', region: 'sa-east-1' });
    renova.grantRead('acme', Role.fromRoleArn(stack, 'Imported', 'arn:aws:iam::111111111111:role/workload'));
    const template = Template.fromStack(stack).toJSON() as ResolvableTemplate;
    const policy = Object.values(template.Resources).find(
      ({ Type, Properties }) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties).includes('acme'),
    );
    assert.deepEqual(policy?.Properties.Roles, ['workload']);
  });

  it('of two credentials gives these two', () => {
    const statements = grantedTo((renova, role) => {
      renova.grantRead('acme', role);
      renova.grantRead('beta', role);
    });
    for (const credential of ['acme', 'beta']) {
      for (const [action, resource] of doorsOf(credential, 'hml')) {
        assert.ok(isAllowed(statements, action, resource), resource);
      }
    }
    assert.ok(!isAllowed(statements, 'secretsmanager:GetSecretValue', secret('hml', 'gamma/token/0-aaaaaa')));
  });
});

/** What a role of somebody's own stack with a Renova in it gets by `grant`. */
function grantedTo(grant: (renova: Renova, role: Role) => void, env: EnvironmentName = 'hml'): Statement[] {
  const { stack, renova } = appOf(env);
  const role = new Role(stack, 'Workload', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  grant(renova, role);
  const template = Template.fromStack(stack).toJSON() as ResolvableTemplate;
  return policies(template)
    .filter(({ id }) => id.startsWith('Workload'))
    .flatMap(({ statements }) => statements)
    .map((statement) => ({ ...statement, resources: statement.resources.map(withApiId) }));
}

function appOf(env: EnvironmentName, place?: Environment) {
  const app = quickApp();
  const stack = new Stack(app, 'payments', { env: place });
  return { stack, renova: new Renova(stack, 'Tokens', { env }) };
}

/** The API's id is given at its deployment; the stack has one API. */
function withApiId(resource: string): string {
  return resource.replace(/<\w+>/, 'api-id');
}

function doorsOf(credential: string, env: EnvironmentName): [action: string, resource: string][] {
  return [
    ['secretsmanager:GetSecretValue', secret(env, `${credential}/token/0-aaaaaa`)],
    ['secretsmanager:GetSecretValue', secret(env, `${credential}/token/11-aaaaaa`)],
    ['ssm:GetParameter', parameter(env, credential)],
    ['ssm:GetParameters', parameter(env, credential)],
    ['execute-api:Invoke', api(`GET/tokens/${credential}`)],
    ['execute-api:Invoke', api(`POST/tokens/${credential}/refused`)],
  ];
}

function secret(env: EnvironmentName, name: string): string {
  return `arn:aws:secretsmanager:us-east-1:000000000000:secret:renova/${env}/${name}`;
}

function parameter(env: EnvironmentName, credential: string): string {
  return `arn:aws:ssm:us-east-1:000000000000:parameter/renova/${env}/${credential}/token`;
}

function api(route: string): string {
  return `arn:aws:execute-api:us-east-1:000000000000:api-id/$default/${route}`;
}
