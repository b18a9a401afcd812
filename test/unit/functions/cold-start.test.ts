import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const VARIABLES = {
  RENOVA_ENV: 'hml',
  RENOVA_CREDENTIALS_TABLE: 'fake-sentinel-credentials',
  RENOVA_QUOTA_TABLE: 'fake-sentinel-quota',
  RENOVA_SECRET_PREFIX: 'fake-sentinel/hml',
  RENOVA_REFRESH_FUNCTION: 'fake-sentinel-refresh',
};

/** What each function must have, and what it is invoked with. */
const FUNCTIONS = {
  refresh: {
    needs: ['RENOVA_ENV', 'RENOVA_CREDENTIALS_TABLE', 'RENOVA_QUOTA_TABLE', 'RENOVA_SECRET_PREFIX'],
    event: {},
  },
  read: { needs: Object.keys(VARIABLES), event: { credential: 'acme' } },
  admin: { needs: Object.keys(VARIABLES), event: { action: 'list' } },
};

/** Starts the function without each variable in turn, as Lambda does, and says how the invocation ended. */
const START = `
async function start() {
  const [needs, event] = JSON.parse(process.argv[1]);
  const { handler } = await import(process.argv[2]);
  const ended = [];
  for (const name of needs) {
    const value = process.env[name];
    delete process.env[name];
    const lambda = { getRemainingTimeInMillis: () => 1000, functionName: 'fake', invokedFunctionArn: 'fake' };
    await handler(event, lambda).then(
      (answer) => ended.push({ name, answer }),
      (error) => ended.push({ name, type: error.name, message: error.message }),
    );
    process.env[name] = value;
  }
  process.stdout.write('\\n' + JSON.stringify(ended));
}
void start();
`;

describe('a function that starts without one of its variables', () => {
  for (const [role, { needs, event }] of Object.entries(FUNCTIONS)) {
    it(`fails with one sentence that names it, so that its errors are counted: ${role}`, () => {
      const file = fileURLToPath(new URL(`../../../functions/${role}.ts`, import.meta.url));
      const environment = {
        ...process.env,
        ...VARIABLES,
        AWS_REGION: 'us-east-1',
        NODE_V8_COVERAGE: undefined,
      };
      const started = spawnSync(
        process.execPath,
        ['--input-type=module', '--eval', START, JSON.stringify([needs, event]), file],
        { encoding: 'utf8', env: environment },
      );
      assert.equal(started.status, 0, started.stderr);
      const ended: readonly Ended[] = JSON.parse(started.stdout.split('\n').at(-1) ?? '');
      assert.deepEqual(
        ended.map(({ name }) => name),
        needs,
      );
      for (const { name, type, message = '' } of ended) {
        assert.equal(type, 'EnvironmentError', name);
        assert.match(message, new RegExp(`^${name}: [^\\n]*set it in the function's environment\\.$`));
      }
      assert.doesNotMatch(started.stdout + started.stderr, /sentinel/);
    });
  }
});

interface Ended {
  readonly name: string;
  readonly type?: string;
  readonly message?: string;
}
