import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { names, secretNames } from '../../shared/config/names.ts';
import { timing } from '../../shared/config/timing.ts';
import { laneAt, laneBefore } from '../../shared/vault/lanes.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';
import { eventually } from './eventually.ts';
import { operatorOf } from './operator.ts';
import { findAwsCli, findBoto3, runAgainst } from './outside-tools.ts';
import { sandboxClient } from './sandbox-client.ts';

const ENV = 'prd';
/** Tokens of half a minute: a Python that takes seconds to start still gets a living one. */
const SCALE = 10;
const DEMO = 'demo';
const { readFunction, secretPrefix } = names(ENV);

const awsCli = findAwsCli();
const boto3 = findBoto3();

describe('clients that know nothing of Renova', { concurrency: true, timeout: 600_000 }, () => {
  test('the AWS command line reads a published token that the provider takes', {
    skip: awsCli.skip,
  }, async (t) => {
    t.diagnostic(`aws-cli ${awsCli.version}`);
    const stack = await startDemo(t);

    await untilTaken(t, stack, async (secret) => {
      const asked = ['secretsmanager', 'get-secret-value', '--secret-id', secret];
      const format = ['--query', 'SecretString', '--output', 'text'];
      return runAgainst(stack.awsUrl, 'aws', ['--endpoint-url', stack.awsUrl, ...asked, ...format]);
    });
  });

  test('the AWS command line invokes the read function', { skip: awsCli.skip }, async (t) => {
    const stack = await startDemo(t);
    const folder = mkdtempSync(join(tmpdir(), 'renova-aws-cli-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const out = join(folder, 'out.json');

    await untilTaken(t, stack, async () => {
      const asked = ['lambda', 'invoke', '--function-name', readFunction];
      const payload = ['--payload', JSON.stringify({ credential: DEMO }), ...payloadFormat(), out];
      await runAgainst(stack.awsUrl, 'aws', ['--endpoint-url', stack.awsUrl, ...asked, ...payload]);
      return readFileSync(out, 'utf8');
    });
  });

  test('boto3 reads a published token and invokes the read function', { skip: boto3.skip }, async (t) => {
    t.diagnostic(`boto3 ${boto3.version}`);
    const stack = await startDemo(t);

    for (const script of [BOTO3_SECRET, BOTO3_INVOKE]) {
      await untilTaken(t, stack, (secret) =>
        runAgainst(stack.awsUrl, 'python3', ['-c', script, secret, readFunction, DEMO]),
      );
    }
  });
});

const BOTO3_SECRET = `
import boto3, sys
print(boto3.client('secretsmanager').get_secret_value(SecretId=sys.argv[1])['SecretString'])
`;
const BOTO3_INVOKE = `
import boto3, json, sys
answer = boto3.client('lambda').invoke(FunctionName=sys.argv[2], Payload=json.dumps({'credential': sys.argv[3]}))
print(answer['Payload'].read().decode())
`;

/** Version 1 takes a payload as it is, and does not know the option. */
function payloadFormat(): string[] {
  return awsCli.version?.startsWith('1.') ? [] : ['--cli-binary-format', 'raw-in-base64-out'];
}

function startDemo(t: TestContext): Promise<StackProcess> {
  return startStackProcess(t, ['--env', ENV, '--scale', String(SCALE)]);
}

/**
 * Reads with `read` (given the secret that holds the token now) until the provider takes what it brought:
 * a refresh may come between the reading and the use, and a change of slot before the reading.
 */
async function untilTaken(
  t: TestContext,
  stack: StackProcess,
  read: (secret: string) => Promise<string>,
): Promise<void> {
  const operator = operatorOf(t, ENV, stack.awsUrl);
  const sandbox = sandboxClient(stack.providerUrl);
  const { lanes, scope } = await operator.status(DEMO);
  const { dayMs } = timing(SCALE);
  let attempts = 0;
  await eventually('a token that the provider takes', async (seen) => {
    const lane = laneAt(Date.now(), lanes, dayMs);
    const chosen = attempts % 2 === 0 ? lane : laneBefore(lane, lanes);
    attempts += 1;
    const value = JSON.parse(await read(secretNames(secretPrefix).lane(DEMO, chosen)));
    seen({ generation: value.generation, error: value.error });
    if (value.generation === 0 || value.error) return undefined;
    assert.equal(value.scope, scope);
    const status = await sandbox.openResource(value.access_token);
    return status === 200 ? status : undefined;
  });
}
