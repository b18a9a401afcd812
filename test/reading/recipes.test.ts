import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../integration/eventually.ts';
import { findAwsCli, findBoto3, runAgainst } from '../integration/outside-tools.ts';
import { sandboxClient } from '../integration/sandbox-client.ts';
import { type StackProcess, startStackProcess } from '../support/stack-process.ts';

/** Tokens of half a minute: a Python that takes seconds to start still gets a living one. */
const SCALE = 10;
const RECIPES = fileURLToPath(new URL('../../docs/recipes/', import.meta.url));
const DAY = ['env', `RENOVA_DAY_SECONDS=${86_400 / SCALE}`] as const;

const has = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const awsCli = findAwsCli();
const boto3 = findBoto3();
const jq = has('jq', '--version') ? false : 'SKIPPED: jq is not installed';
const curl = has('curl', '--aws-sigv4', 'aws:amz:sa-east-1:x', '--version')
  ? false
  : 'SKIPPED: no curl that signs (7.75 or later) is installed';

describe('the recipes of docs/reading.md', { concurrency: true, timeout: 240_000 }, () => {
  test('the shell’s prints a token that the provider takes', { skip: awsCli.skip || jq }, async (t) => {
    await untilTaken(t, (stack) => runWithDay(stack, `${RECIPES}renova-token.sh`));
  });

  test('Python’s prints a token that the provider takes', { skip: boto3.skip }, async (t) => {
    await untilTaken(t, (stack) => runWithDay(stack, 'python3', `${RECIPES}renova_token.py`));
  });

  test('Python’s serves a token that lives while Secrets Manager is away', { skip: boto3.skip }, () => {
    const { status, stderr } = spawnSync('python3', ['-c', AWAY], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: RECIPES, PYTHONDONTWRITEBYTECODE: '1' },
    });
    assert.deepEqual([status, stderr], [0, '']);
  });

  test('curl’s signs its request, and gets a token that the provider takes', { skip: curl }, async (t) => {
    const guide = readFileSync(new URL('../../docs/reading.md', import.meta.url), 'utf8');
    const command = /^curl -sS .*?\n(?! )/ms.exec(guide)?.[0] ?? '';
    assert.match(command, /--aws-sigv4/);
    await untilTaken(t, async (stack) => {
      const script = `API=$1 CREDENTIAL=demo AWS_SESSION_TOKEN=fake-session; ${command}`;
      const answer = await runAgainst(stack.awsUrl, 'sh', ['-c', script, 'sh', stack.apiUrl]);
      return (JSON.parse(answer) as { access_token: string }).access_token;
    });
  });
});

/** Past its promise, and with nobody to ask, a token is used until it expires, unless it was refused. */
const AWAY = `
import json, time
from datetime import datetime, timedelta, timezone
from botocore.exceptions import ClientError, EndpointConnectionError
from renova_token import RenovaTokens

class Away:
    class exceptions:
        ResourceNotFoundException = ClientError
    def get_secret_value(self, SecretId):
        if self.error: raise self.error
        at = lambda s: (datetime.now(timezone.utc) + timedelta(seconds=s)).isoformat().replace("+00:00", "Z")
        return {"SecretString": json.dumps({"access_token": "fake-access-1", "generation": 1, "lanes": 1,
            "refresh_after": at(-1), "expires_at": at(60)})}

def fails(error, *refused):
    try: tokens.current(*refused)
    except error: return
    raise AssertionError("a token came")

client = Away()
tokens = RenovaTokens("prd", "acme", client)
away = client.error = EndpointConnectionError(endpoint_url="https://fake.example")
fails(EndpointConnectionError)
client.error = None
assert tokens.current() == "fake-access-1"
client.error = away
assert tokens.current() == "fake-access-1"
fails(EndpointConnectionError, "fake-access-1")
now = time.time
time.time = lambda: now() + 60
fails(EndpointConnectionError)
`;

function runWithDay(stack: StackProcess, ...command: string[]): Promise<string> {
  const [env, ...args] = [...DAY, ...command, 'prd', 'demo'];
  return runAgainst(stack.awsUrl, env, args);
}

/** A refresh may come between the reading and the use. */
async function untilTaken(t: TestContext, read: (stack: StackProcess) => Promise<string>): Promise<void> {
  const stack = await startStackProcess(t, ['--env', 'prd', '--scale', String(SCALE)]);
  const sandbox = sandboxClient(stack.providerUrl);
  await eventually('a token that the provider takes', async () => {
    const token = (await read(stack)).trim();
    assert.match(token, /^[\w-]{8,}$/);
    return (await sandbox.openResource(token)) === 200 ? true : undefined;
  });
}
