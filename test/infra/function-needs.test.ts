import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { functionNeeds } from '../../shared/config/function-needs.ts';
import { FUNCTIONS, type FunctionRole } from '../../shared/config/functions.ts';
import { ENVIRONMENTS, names } from '../../shared/config/names.ts';
import { isAllowed, statementsOf } from './policy.ts';
import { ACCOUNT, REGION } from './resolve.ts';
import { synthesize } from './synthesis.ts';

/** Not asked of IAM: logs and traces cost no token, and the keys are known by what they encrypt. */
const BESIDE = /^(logs|xray|kms):|^ssm:(Add|Remove)Tags/;

for (const env of ENVIRONMENTS) {
  describe(`what the functions of ${env} need`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());

    for (const role of Object.keys(FUNCTIONS) as FunctionRole[]) {
      const needs = functionNeeds(env)[role];
      const statements = statementsOf(synthesis.template, names(env)[`${role}Function`]);

      it(`is what the template allows the ${role} function`, () => {
        for (const { actions, resources } of needs) {
          for (const action of actions) {
            for (const resource of resources) {
              const [service, ...rest] = resource.split(':');
              // The template knows the rings by another suffix than a simulation does.
              const name = rest.join(':').replace(/(seal\/\w+)-AbCdEf$/, '$1-aaaaaa');
              const arn = `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
              assert.ok(isAllowed(statements, action, arn), `${action} ${arn}`);
            }
          }
        }
      });

      it(`leaves out nothing that the template allows the ${role} function`, () => {
        const allowed = statements
          .filter(({ effect }) => effect === 'Allow')
          .flatMap(({ actions }) => actions);
        const needed = new Set(needs.flatMap(({ actions }) => actions));
        assert.deepEqual(
          [...new Set(allowed)].filter((action) => !BESIDE.test(action) && !needed.has(action)),
          role === 'refresh' ? ['secretsmanager:TagResource'] : [],
        );
      });
    }
  });
}
