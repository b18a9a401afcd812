import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { findAwsCli, findBoto3, runAgainst } from '../integration/outside-tools.ts';
import { sandboxClient } from '../integration/sandbox-client.ts';
import { COMMANDS_PROGRAM } from '../support/programs.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';

const NAME = '/renova/prd/demo/token';
const awsCli = findAwsCli();
const boto3 = findBoto3();

describe('a token under one name in Parameter Store', { timeout: 600_000 }, () => {
  it('is current for the AWS command line and boto3, until its parameter is given up', {
    skip: awsCli.skip || boto3.skip,
  }, async (t) => {
    const stack = await startStackProcess(t, ['--env', 'prd']);
    await assert.rejects(byAwsCli(stack), /ParameterNotFound/);

    await renova(stack, 'update', 'demo', '--parameter');
    assert.equal(await statusAtProvider(stack, await byAwsCli(stack)), 200);

    await renova(stack, 'refresh', 'demo', '--force');
    assert.equal(await statusAtProvider(stack, await byBoto3(stack)), 200);

    await renova(stack, 'update', 'demo', '--no-parameter');
    await assert.rejects(byBoto3(stack), /ParameterNotFound/);
  });
});

function renova(stack: StackProcess, ...words: readonly string[]) {
  const local = ['--local', '--local-port', new URL(stack.awsUrl).port];
  return promisify(execFile)(process.execPath, [COMMANDS_PROGRAM, ...words, ...local]);
}

async function byAwsCli(stack: StackProcess): Promise<string> {
  const asked = ['ssm', 'get-parameter', '--name', NAME, '--with-decryption'];
  const format = ['--query', 'Parameter.Value', '--output', 'text'];
  return accessToken(await runAgainst(stack.awsUrl, 'aws', [...asked, ...format]));
}

async function byBoto3(stack: StackProcess): Promise<string> {
  const script = `import boto3, sys
print(boto3.client("ssm").get_parameter(Name=sys.argv[1], WithDecryption=True)["Parameter"]["Value"])`;
  return accessToken(await runAgainst(stack.awsUrl, 'python3', ['-c', script, NAME]));
}

function accessToken(value: string): string {
  return (JSON.parse(value) as { readonly access_token: string }).access_token;
}

function statusAtProvider(stack: StackProcess, token: string): Promise<number> {
  return sandboxClient(stack.providerUrl).openResource(token);
}
