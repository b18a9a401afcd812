import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  awsCredentials,
  EnvironmentError,
  lambdaEndpoint,
  readEnvironment,
} from '../../../functions/environment.ts';

const LEAST = {
  RENOVA_ENV: 'hml',
  RENOVA_CREDENTIALS_TABLE: 'renova-hml-credentials',
  RENOVA_QUOTA_TABLE: 'renova-hml-quota',
  RENOVA_SECRET_PREFIX: 'renova/hml',
};

describe('the environment of a function', () => {
  it('needs little, and has defaults for the rest', () => {
    assert.deepEqual(readEnvironment(LEAST), {
      env: 'hml',
      credentialsTable: 'renova-hml-credentials',
      quotaTable: 'renova-hml-quota',
      secretPrefix: 'renova/hml',
      eventBus: 'default',
      links: { runbook: undefined, options: '--env hml' },
      refreshFunction: undefined,
      scale: 1,
      newSecrets: { kmsKeyId: undefined, tags: undefined },
      reach: { loopbackOnly: false, noLoopback: true, sandboxUrl: undefined },
    });
  });

  it('may say everything', () => {
    const more = {
      RENOVA_EVENT_BUS: 'bus',
      RENOVA_REFRESH_FUNCTION: 'renova-hml-refresh:readers',
      RENOVA_SCALE: '60',
    };
    const { eventBus, refreshFunction, scale } = readEnvironment({ ...LEAST, ...more, OTHER: 'x' });
    assert.deepEqual([eventBus, refreshFunction, scale], ['bus', 'renova-hml-refresh:readers', 60]);
  });

  it('leads commands to where it is: to a local stack by its port, to AWS by the environment', () => {
    const options = (AWS_ENDPOINT_URL?: string, RENOVA_ENV = 'prd') =>
      readEnvironment({ ...LEAST, RENOVA_ENV, AWS_ENDPOINT_URL }).links.options;
    assert.equal(options(), '--env prd');
    assert.equal(options('http://127.0.0.1:4700'), '--local');
    assert.equal(options('http://127.0.0.1:4800', 'hml'), '--local --local-port 4800 --env hml');
    assert.equal(options('https://vpce.example'), '--env prd');
    const { runbook } = readEnvironment({ ...LEAST, RENOVA_RUNBOOK: 'https://wiki.example/renova' }).links;
    assert.equal(runbook, 'https://wiki.example/renova');
  });

  it('may keep providers to this machine, with a sandbox that stands in for them', () => {
    const local = { RENOVA_PROVIDERS: 'loopback', RENOVA_SANDBOX_URL: 'http://127.0.0.1:4702' };
    assert.deepEqual(readEnvironment({ ...LEAST, ...local }).reach, {
      loopbackOnly: true,
      noLoopback: false,
      sandboxUrl: 'http://127.0.0.1:4702',
    });
    for (const wrong of [{ RENOVA_PROVIDERS: 'none' }, { RENOVA_SANDBOX_URL: 'http://127.0.0.1/path' }]) {
      assert.throws(() => readEnvironment({ ...LEAST, ...wrong }), EnvironmentError);
    }
  });

  it('takes a scale of 1 and more, fractions too', () => {
    assert.equal(readEnvironment({ ...LEAST, RENOVA_SCALE: '1' }).scale, 1);
    assert.equal(readEnvironment({ ...LEAST, RENOVA_SCALE: '1.5' }).scale, 1.5);
  });

  it('is refused with the variable that is wrong and what was expected, never its value', () => {
    const wrong: readonly [name: string, value: string | undefined, expected: RegExp][] = [
      ['RENOVA_ENV', undefined, /expected/],
      ['RENOVA_ENV', 'sentinel', /expected hml or prd/],
      ['RENOVA_CREDENTIALS_TABLE', undefined, /expected a name/],
      ['RENOVA_CREDENTIALS_TABLE', '', /expected a name/],
      ['RENOVA_QUOTA_TABLE', '', /expected a name/],
      ['RENOVA_SECRET_PREFIX', '', /expected a name/],
      ['RENOVA_EVENT_BUS', '', /expected a name/],
      ['RENOVA_REFRESH_FUNCTION', '', /expected a name/],
      ['RENOVA_SCALE', '0.99', /expected a number of at least 1/],
      ['RENOVA_SCALE', 'sentinel', /expected a number of at least 1/],
      ['RENOVA_SCALE', '', /expected a number of at least 1/],
      ['RENOVA_SCALE', 'Infinity', /expected a number of at least 1/],
      ['RENOVA_SCALE', '-60', /expected a number of at least 1/],
    ];
    for (const [name, value, expected] of wrong) {
      assert.throws(
        () => readEnvironment({ ...LEAST, [name]: value }),
        (error: unknown) => {
          assert.ok(error instanceof EnvironmentError, `${name}=${value}`);
          assert.equal(error.code, 'invalid-environment');
          assert.ok(error.message.startsWith(`${name}: `), error.message);
          assert.match(error.message, expected);
          assert.doesNotMatch(error.message, /sentinel|Infinity|-60|0\.99/);
          return true;
        },
      );
    }
    assert.throws(() => readEnvironment({}), EnvironmentError);
  });
});

describe('what Lambda puts into the environment', () => {
  it('is the credentials of the role, with a session token where there is one', () => {
    const keys = { AWS_ACCESS_KEY_ID: 'fake-id', AWS_SECRET_ACCESS_KEY: 'fake-key' };
    const plain = { accessKeyId: 'fake-id', secretAccessKey: 'fake-key', sessionToken: undefined };
    assert.deepEqual(awsCredentials(keys), plain);
    const withToken = awsCredentials({ ...keys, AWS_SESSION_TOKEN: 'fake-session' });
    assert.equal(withToken.sessionToken, 'fake-session');
    for (const missing of [{}, { AWS_ACCESS_KEY_ID: 'fake-id' }, { AWS_SECRET_ACCESS_KEY: 'fake-key' }]) {
      assert.throws(() => awsCredentials(missing), EnvironmentError);
    }
  });

  it('is the region, whose Lambda is called unless another endpoint is given', () => {
    const endpointOf = (more: NodeJS.ProcessEnv) =>
      lambdaEndpoint({ AWS_REGION: 'sa-east-1', ...more }).endpoint;
    assert.equal(endpointOf({}), 'https://lambda.sa-east-1.amazonaws.com');
    assert.equal(endpointOf({ AWS_REGION: 'cn-north-1' }), 'https://lambda.cn-north-1.amazonaws.com.cn');
    assert.equal(endpointOf({ AWS_ENDPOINT_URL: 'http://127.0.0.1:4700/' }), 'http://127.0.0.1:4700');
    const both = {
      AWS_ENDPOINT_URL: 'http://other.example',
      AWS_ENDPOINT_URL_LAMBDA: 'http://lambda.example',
    };
    assert.equal(endpointOf(both), 'http://lambda.example');
    assert.throws(() => lambdaEndpoint({}), EnvironmentError);
  });

  it('has the endpoints of its partition, and those of FIPS and dual stack when they are set', () => {
    const endpointOf = (AWS_REGION: string, more: NodeJS.ProcessEnv = {}) =>
      lambdaEndpoint({ AWS_REGION, ...more }).endpoint;
    assert.equal(endpointOf('eusc-de-east-1'), 'https://lambda.eusc-de-east-1.amazonaws.eu');
    const fips = { AWS_USE_FIPS_ENDPOINT: 'true' };
    assert.equal(endpointOf('us-gov-west-1', fips), 'https://lambda-fips.us-gov-west-1.amazonaws.com');
    const dualStack = { AWS_USE_DUALSTACK_ENDPOINT: 'true' };
    assert.equal(endpointOf('us-east-1', dualStack), 'https://lambda.us-east-1.api.aws');
    assert.equal(
      endpointOf('us-east-1', { AWS_USE_FIPS_ENDPOINT: 'false' }),
      'https://lambda.us-east-1.amazonaws.com',
    );
  });

  it('refuses, as the SDK does, what contradicts itself or is neither true nor false', () => {
    const endpointOf = (more: NodeJS.ProcessEnv) => lambdaEndpoint({ AWS_REGION: 'us-east-1', ...more });
    const given = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4700' };
    for (const name of ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT']) {
      assert.throws(() => endpointOf({ ...given, [name]: 'true' }), EnvironmentError);
      assert.throws(() => endpointOf({ [name]: '1' }), {
        code: 'invalid-environment',
        message: new RegExp(`^${name}:`),
      });
    }
  });
});
