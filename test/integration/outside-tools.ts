import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { killedWithUs } from '../support/stack-process.ts';

/** A program of somebody else, where it is installed. */
export interface OutsideTool {
  /** Absent where it is not installed. */
  readonly version?: string;
  /** In the form of node:test's `skip`. */
  readonly skip: string | false;
}

/** The AWS command line: `aws-cli/1.…` or `aws-cli/2.…`. */
export function findAwsCli(): OutsideTool {
  return find('the AWS command line', 'aws', ['--version'], /aws-cli\/(\S+)/);
}

/** boto3, and the Python that has it. */
export function findBoto3(): OutsideTool {
  return find('python3 with boto3', 'python3', ['-c', 'import boto3; print(boto3.__version__)'], /(\S+)/);
}

/**
 * Runs a program against `awsUrl`, with nothing of the machine's own AWS configuration, and resolves with
 * what it printed. Rejects when it fails, with what it said.
 */
export async function runAgainst(awsUrl: string, command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ACCESS_KEY_ID: 'fake-access-key-id',
      AWS_SECRET_ACCESS_KEY: 'fake-secret-access-key',
      AWS_DEFAULT_REGION: 'sa-east-1',
      AWS_ENDPOINT_URL: awsUrl,
      AWS_PAGER: '',
    },
  });
  killedWithUs(child);
  let printed = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with exit code ${code}: ${complaint}`);
  return printed;
}

function find(what: string, command: string, args: readonly string[], version: RegExp): OutsideTool {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  const found = status === 0 ? version.exec(`${stdout}${stderr}`)?.[1] : undefined;
  return found === undefined
    ? { skip: `SKIPPED: ${what} is not installed` }
    : { version: found, skip: false };
}
