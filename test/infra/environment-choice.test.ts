import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chooseEnvironment } from '../../infra/environment-choice.ts';

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

  it('ends with one sentence, and no template, when PRD is to have nobody who is told of alarms', () => {
    const { status, stderr, written } = runApp({ env: 'prd', alarmAddress: '' });
    assert.equal(
      stderr,
      'alarmAddress of prd: expected a mail address; correct this setting of the stack or choose with -c alarmAddress=<mail address>.\n',
    );
    assert.equal(status, 1);
    assert.deepEqual(written, []);
  });

  it('ends with one sentence, and no template, for a context key or a network that there is not', () => {
    for (const [context, sentence] of [
      [
        { alarmAdress: 'on-call@bank.example' },
        'Context key "alarmAdress" is unknown: expected one of env, alarmAddress, network; other settings are not taken from the context.\n',
      ],
      [
        { network: 'static' },
        'network of prd: expected default, fixed-address or { vpc, subnets, securityGroups }; correct this setting of the stack or choose with -c network=fixed-address.\n',
      ],
    ] as const) {
      const { status, stderr, written } = runApp({ env: 'prd', ...context });
      assert.equal(stderr, sentence);
      assert.equal(status, 1);
      assert.deepEqual(written, []);
    }
  });

  it('synthesizes the stack of that environment alone', () => {
    const { status, stderr, written } = runApp({ env: 'hml' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(written, ['renova-hml.template.json']);
  });
});
