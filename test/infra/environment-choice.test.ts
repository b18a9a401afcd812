import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addStack } from '../../infra/add-stack.ts';
import { chooseEnvironment } from '../../infra/environment-choice.ts';
import { quickApp } from './synthesis.ts';

const folder = mkdtempSync(join(tmpdir(), 'renova-choice-'));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs the app of cdk.json as the CDK's command line does, with `-c env=…`. */
function runApp(context: Record<string, unknown>) {
  const { status, stderr } = spawnSync(process.execPath, ['infra/app.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify({ 'aws:cdk:bundling-stacks': [], ...context }),
    },
  });
  return { status, stderr, written: readdirSync(folder).filter((name) => name.endsWith('.template.json')) };
}

describe('choosing an environment', () => {
  after(() => rmSync(folder, { recursive: true }));

  it('ends with one sentence that names the context key and the choices when it is missing', () => {
    const { status, stderr, written } = runApp({});
    assert.equal(stderr, 'Context key "env" is missing: expected one of hml, prd; choose with -c env=hml.\n');
    assert.equal(status, 1);
    assert.deepEqual(written, []);
  });

  it('is refused in the same words when there is no such environment', () => {
    for (const chosen of ['production', '', 'HML', 'constructor', true, ['hml']]) {
      assert.throws(() => chooseEnvironment(chosen), {
        name: 'EnvironmentChoiceError',
        code: 'unknown-environment',
        message: 'Context key "env" names no environment: expected one of hml, prd; choose with -c env=hml.',
      });
    }
  });

  // Refused as above, without a process: each takes seconds to load the CDK.
  const refusal = (context: object) => () => addStack(quickApp({ context }));

  it('is refused when PRD is to have nobody who is told of alarms', () => {
    assert.throws(refusal({ env: 'prd', alarmAddress: '' }), {
      name: 'SettingsError',
      message:
        'alarmAddress of prd: expected a mail address; correct this setting of the stack or choose with -c alarmAddress=<mail address>.',
    });
  });

  it('is refused for a context key that there is not', () => {
    assert.throws(refusal({ env: 'prd', alarmAdress: 'on-call@bank.example' }), {
      message:
        'Context key "alarmAdress" is unknown: expected one of env, alarmAddress, network; other settings are not taken from the context.',
    });
  });

  it('is refused for a network that there is not', () => {
    assert.throws(refusal({ env: 'prd', network: 'static' }), {
      name: 'SettingsError',
      message:
        'network of prd: expected default, fixed-address or { vpc, subnets, securityGroups }; correct this setting of the stack or choose with -c network=fixed-address.',
    });
  });

  it('synthesizes the stack of that environment alone', () => {
    const app = quickApp({ context: { env: 'hml' }, outdir: join(folder, 'hml') });
    addStack(app);
    assert.deepEqual(
      app.synth().stacks.map(({ templateFile }) => templateFile),
      ['renova-hml.template.json'],
    );
  });
});
