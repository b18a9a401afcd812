import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { functionDefinitions } from '../../../local/lambda/functions.ts';

const SETTING = {
  env: 'hml',
  scale: 5,
  awsUrl: 'http://127.0.0.1:4700',
  logLevel: 'SILENT',
  inherited: {
    LANG: 'fake-language',
    AWS_PROFILE: 'fake-real-account',
    AWS_SESSION_TOKEN: 'fake-real-session',
    AWS_ACCESS_KEY_ID: 'fake-real-key',
    RENOVA_ENV: 'prd',
    POWERTOOLS_DEV: 'true',
  },
} as const;

describe('the functions of the local stack', () => {
  test('run with the names of their environment, the local endpoint and the scale', () => {
    const definitions = functionDefinitions(SETTING);
    assert.deepEqual(
      definitions.map(({ name, timeoutSeconds }) => [name, timeoutSeconds]),
      [
        ['renova-hml-refresh', 115],
        ['renova-hml-read', 15],
        ['renova-hml-admin', 100],
      ],
    );
    for (const { environment, module } of definitions) {
      assert.ok(existsSync(module), module.href);
      assert.equal(environment.RENOVA_ENV, 'hml');
      assert.equal(environment.RENOVA_SCALE, '5');
      assert.equal(environment.RENOVA_CREDENTIALS_TABLE, 'renova-hml-credentials');
      assert.equal(environment.AWS_ENDPOINT_URL, 'http://127.0.0.1:4700');
    }
  });

  test('post to this machine alone unless told otherwise, with the sandbox in place of providers', () => {
    const reach = (more: object) =>
      functionDefinitions({ ...SETTING, ...more }).map(({ environment }) => [
        environment.RENOVA_PROVIDERS,
        environment.RENOVA_SANDBOX_URL,
      ]);
    const sandboxUrl = 'http://127.0.0.1:4702';
    assert.deepEqual(reach({ sandboxUrl }), Array(3).fill(['loopback', sandboxUrl]));
    assert.deepEqual(reach({ allowRemoteProvider: true }), Array(3).fill(['all', undefined]));
  });

  test('know the refresh function, save itself', () => {
    const refresh = functionDefinitions(SETTING).map(
      ({ environment }) => environment.RENOVA_REFRESH_FUNCTION,
    );
    assert.deepEqual(refresh, [undefined, 'renova-hml-refresh:readers', 'renova-hml-refresh']);
  });

  test('have one alias: that of the refresh function for readers', () => {
    assert.deepEqual(
      functionDefinitions(SETTING).map(({ aliases }) => aliases),
      [['readers'], [], []],
    );
  });

  test('inherit nothing that leads to a real account', () => {
    for (const { environment } of functionDefinitions(SETTING)) {
      assert.equal(environment.LANG, 'fake-language');
      assert.equal(environment.POWERTOOLS_DEV, undefined);
      assert.doesNotMatch(JSON.stringify(environment), /fake-real/);
    }
  });
});
