import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { ENVIRONMENT_SETTINGS } from '../../shared/config/environments.ts';
import { FUNCTIONS, type FunctionRole } from '../../shared/config/functions.ts';
import { ENVIRONMENTS } from '../../shared/config/names.ts';
import { sectionsUnder } from './operations.ts';
import { resourcesOf, synthesize } from './synthesis.ts';

const PAGES = ['README.md', 'docs/deploy.md', 'docs/operations.md', 'SECURITY.md'];

/** What Lambda and the functions write when an invocation ends badly, in its JSON format (telemetry schema). */
const BAD_ENDS = {
  'an error that nothing caught':
    '{"timestamp":"2026-11-21T21:20:00Z","level":"ERROR","message":{"errorType":"Error","errorMessage":"x"}}',
  'a time-out':
    '{"time":"2026-11-21T21:20:00Z","type":"platform.report","record":{"requestId":"x","metrics":{"durationMs":115000},"status":"timeout"}}',
  'too little memory':
    '{"time":"2026-11-21T21:20:00Z","type":"platform.report","record":{"requestId":"x","status":"error","errorType":"Runtime.OutOfMemory"}}',
};
const GOOD_ENDS = [
  '{"level":"INFO","message":"tick","service":"renova-refresh","due":1,"left":0}',
  '{"time":"2026-11-21T21:20:00Z","type":"platform.report","record":{"requestId":"x","metrics":{"durationMs":12},"status":"success"}}',
];

describe('the commands of the documentation', () => {
  it('name an environment wherever the app is synthesized, for a bootstrap too', () => {
    for (const page of PAGES) {
      const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8');
      for (const [command] of text.matchAll(/npx cdk \w+[^`\n#]*/g)) {
        assert.match(command, / -c env=\S/, `${page}: ${command}`);
      }
    }
  });

  it('wait for a change set before it is executed', () => {
    const deploy = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const [, after = ''] = deploy.split('aws cloudformation create-change-set');
    const [between] = after.split('aws cloudformation execute-change-set');
    assert.match(between ?? '', /aws cloudformation wait change-set-create-complete/);
  });

  it('look at imported seal rings before ticks run with them', () => {
    const deploy = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    const [, after = ''] = deploy.split('aws cloudformation wait stack-import-complete');
    const [looked, deployed] = ['list-secret-version-ids', 'npx cdk deploy'].map((each) =>
      after.indexOf(each),
    );
    assert.ok(looked !== undefined && deployed !== undefined && looked > -1 && looked < deployed);
  });
});

describe('the sections of alarms', () => {
  const section = (name: string) =>
    sectionsUnder('Alarms of CloudWatch').find(({ title }) => title.startsWith(`\`${name}\``))?.text ??
    assert.fail();

  it('start a function again that somebody stopped', () => {
    const { refresh, read } = ENVIRONMENT_SETTINGS.prd.reservedConcurrency as Record<FunctionRole, number>;
    const restart = (role: string, count: number) =>
      `aws lambda put-function-concurrency --function-name renova-prd-${role} --reserved-concurrent-executions ${count}`;
    assert.ok(section('silence').includes(restart('refresh', refresh)));
    assert.ok(section('refresh-throttles').includes(restart('read', read)));
  });

  it('put back what was changed by hand, which a deployment of the same template does not', () => {
    for (const name of ['store-failures', 'read-api-errors', 'undelivered-alerts']) {
      assert.match(section(name), /deploy\.md#changed-by-hand/, name);
    }
    const deploy = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    assert.match(deploy, /^### Changed by hand.*\n(?:(?!^##).*\n)*?.*--revert-drift/m);
  });

  it('prove by the way of every alert that alerts arrive again', () => {
    assert.match(section('undelivered-alerts'), /\*\*Fixed\*\* when `npx renova doctor --alert --env prd`/);
  });
});

describe('the sizes in deploy.md', () => {
  it('are those of the functions', () => {
    const deploy = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
    for (const [role, { memoryMb, timeoutSeconds }] of Object.entries(FUNCTIONS)) {
      const row = new RegExp(`^\\| ${role} \\| ${memoryMb} MB \\|.*\\| ${timeoutSeconds} s \\|`, 'm');
      assert.match(deploy, row);
    }
  });
});

for (const env of ENVIRONMENTS) {
  describe(`the commands of the alarms of ${env}`, () => {
    const synthesis = synthesize(env);
    after(() => synthesis[Symbol.dispose]());
    const section = sectionsUnder('Alarms of CloudWatch').find(({ title }) => title.includes('-errors`, `'));
    const texts = resourcesOf(synthesis.template, 'AWS::CloudWatch::Alarm')
      .filter(({ Properties }) => /-(refresh|read|admin)-errors$/.test(String(Properties.AlarmName)))
      .map(({ Properties }) => String(Properties.AlarmDescription));

    for (const [what, line] of Object.entries(BAD_ENDS)) {
      it(`on errors find ${what}`, () => {
        assert.equal(texts.length, 3);
        for (const text of [...texts, section?.text ?? '']) assert.ok(isFound(line, text), text);
      });
    }

    // A deployment of a template that has not changed puts nothing back that was changed by hand.
    it('start a function again that somebody stopped, with what is set aside for it', () => {
      for (const [role, count] of Object.entries(ENVIRONMENT_SETTINGS[env].reservedConcurrency)) {
        const restart = `aws lambda put-function-concurrency --function-name renova-${env}-${role} --reserved-concurrent-executions ${count}`;
        const throttles = resourcesOf(synthesis.template, 'AWS::CloudWatch::Alarm').find(
          ({ Properties }) => Properties.AlarmName === `renova-${env}-${role}-throttles`,
        );
        assert.ok(String(throttles?.Properties.AlarmDescription).includes(restart), role);
      }
    });

    it('on errors find nothing else', () => {
      for (const line of GOOD_ENDS) {
        for (const text of texts) assert.ok(!isFound(line, text), text);
      }
    });
  });
}

/** Whether the first filter pattern in a text finds a line: a term, or one of several that begin with `?`. */
function isFound(line: string, text: string): boolean {
  const [, quoted, bare] = /--filter-pattern (?:'([^']+)'|([\w"]+))/.exec(text) ?? assert.fail(text);
  return (quoted ?? bare ?? '').split(' ').some((term) => line.includes(term.replace(/^\?/, '')));
}
