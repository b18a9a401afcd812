import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { App, Validations } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { RenovaStack } from '../../infra/renova-stack.ts';
import { ENVIRONMENTS, type EnvironmentName } from '../../shared/config/names.ts';

const folder = mkdtempSync(join(tmpdir(), 'renova-checks-'));
const { status: installed } = spawnSync('cfn-lint', ['--version'], { timeout: 60_000 });
const skip = installed === 0 ? false : 'SKIPPED: cfn-lint is not installed';

for (const env of ENVIRONMENTS) {
  describe(`the template of ${env}`, () => {
    after(() => rmSync(join(folder, env), { recursive: true, force: true }));

    it('has no finding of cdk-nag (AwsSolutions) but those accepted with a reason', () => {
      check(env);
    });

    it('has none of cfn-lint', { skip }, () => {
      const template = join(folder, env, `renova-${env}.template.json`);
      // W3005: the CDK names dependencies that CloudFormation would find by itself.
      const { status, stdout } = spawnSync('cfn-lint', ['-i', 'W3005', '--', template], { encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    });
  });
}

describe('the check itself', () => {
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('finds a topic that anybody may publish to in the clear', () => {
    assert.throws(() => check('hml', (stack) => new Topic(stack, 'Open')), { name: 'ValidationFailed' });
    assert.match(readFileSync(join(folder, 'hml', 'validation-report.json'), 'utf8'), /AwsSolutions-SNS3/);
  });
});

/** Synthesizes the stack checked by cdk-nag, as the app of cdk.json has it. Throws when there is a finding. */
function check(env: EnvironmentName, change: (stack: RenovaStack) => void = () => undefined): void {
  const outdir = join(folder, env);
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  change(new RenovaStack(app, `renova-${env}`, { env }));
  app.synth();
}
