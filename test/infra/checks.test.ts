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
import type { RenovaSettings } from '../../infra/settings.ts';
import { ENVIRONMENT_SETTINGS } from '../../shared/config/environments.ts';
import { proving } from '../runner/amount.ts';
import { findCfnLint } from '../support/optional-tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'renova-checks-'));
const { skip } = findCfnLint();

const EXISTING: RenovaSettings['network'] = {
  vpc: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0fedcba9876543210'],
};
/** Each environment, and each kind of network: what one adds to a template does not depend on the other. */
const STACKS = [
  { id: 'renova-hml-default', env: 'hml', network: 'default' },
  { id: 'renova-hml-existing', env: 'hml', network: EXISTING },
  { id: 'renova-prd-default', env: 'prd', network: 'default' },
  { id: 'renova-prd-fixed', env: 'prd', network: 'fixed-address' },
] as const;

describe('the templates of both environments, with each kind of network', () => {
  const outdir = join(folder, 'all');
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('have no finding of cdk-nag (AwsSolutions) but those accepted with a reason', () => {
    check(outdir, (app) => {
      for (const { env, network, id } of STACKS) {
        new RenovaStack(app, id, { env, settings: { ...ENVIRONMENT_SETTINGS[env], network } });
      }
    });
  });

  it('have none of cfn-lint', { skip }, () => {
    // A template takes seconds.
    const linted = proving ? STACKS : STACKS.slice(-1);
    const templates = linted.map(({ id }) => join(outdir, `${id}.template.json`));
    // W3005: the CDK names dependencies that CloudFormation would find by itself.
    const { status, stdout } = spawnSync('cfn-lint', ['-i', 'W3005', '--', ...templates], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout);
  });

  it('would have one for a topic that anybody may publish to in the clear', () => {
    const open = join(folder, 'open');
    const make = () =>
      check(open, (app) => new Topic(new RenovaStack(app, 'renova-hml', { env: 'hml' }), 'Open'));
    assert.throws(make, { name: 'ValidationFailed' });
    assert.match(readFileSync(join(open, 'validation-report.json'), 'utf8'), /AwsSolutions-SNS3/);
  });
});

/** Synthesizes stacks checked by cdk-nag, as the app of cdk.json has its stack. Throws when there is a finding. */
function check(outdir: string, make: (app: App) => void): void {
  const app = new App({ outdir, context: { 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  make(app);
  app.synth();
}
