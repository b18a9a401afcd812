import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AdminError } from '../../../shared/admin/admin-error.ts';
import { type ProviderReach, standIn } from '../../../shared/admin/provider-reach.ts';
import { parseRequest, RegisterRequest } from '../../../shared/admin/request.ts';
import { settingsOf } from '../../../shared/admin/settings.ts';
import { timing } from '../../../shared/config/timing.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { CLIENT } from './admin-world.ts';

const LOCAL: ProviderReach = { loopbackOnly: true, sandboxUrl: 'http://127.0.0.1:4702' };

const urlOf = (reach: ProviderReach | undefined, more: object = {}) =>
  settingsOf(
    { clock: new ManualClock(), env: 'prd', timing: timing(1), reach },
    parseRequest(RegisterRequest, {
      action: 'register',
      credential: 'acme',
      scope: 'fake-scope',
      user_agent: 'fake-bank-code',
      client: CLIENT,
      refresh_token: 'fake-refresh-token-1',
      ...more,
    }),
  ).tokenUrl;

describe('where a registration of the local stack leads', () => {
  test("the sandbox stands in for a profile's own URL, with the same path", () => {
    assert.equal(urlOf(LOCAL), 'http://127.0.0.1:4702/auth/oauth/v2/token');
    assert.equal(
      standIn('https://provider.example/a/token?tenant=1', LOCAL),
      'http://127.0.0.1:4702/a/token?tenant=1',
    );
    assert.equal(standIn(undefined, LOCAL), undefined);
  });

  test('to no other machine, in one sentence that says how to mean it', () => {
    const token_url = 'https://api.bs2.com/auth/oauth/v2/token';
    assert.throws(
      () => urlOf(LOCAL, { token_url }),
      (error) =>
        error instanceof AdminError &&
        error.code === 'invalid-token-url' &&
        /^token_url: .*--allow-remote-provider\.$/.test(error.message) &&
        !error.message.includes('bs2.com'),
    );
    assert.equal(urlOf(LOCAL, { token_url: 'http://127.0.0.1:9/t' }), 'http://127.0.0.1:9/t');
  });

  test('anywhere once it is allowed, but the sandbox still stands in where no URL is given', () => {
    const allowed = { ...LOCAL, loopbackOnly: false };
    const token_url = 'https://provider.example/t';
    assert.equal(urlOf(allowed, { token_url }), token_url);
    assert.equal(urlOf(allowed), 'http://127.0.0.1:4702/auth/oauth/v2/token');
  });

  test('in AWS, to what the profile knows', () => {
    assert.equal(urlOf(undefined), 'https://api.bs2.com/auth/oauth/v2/token');
  });
});

const AWS: ProviderReach = { loopbackOnly: false, noLoopback: true };
const OWN_HOSTS = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  'sub.localhost',
  '127.0.0.1:9001',
  '127.1',
  '2130706433',
  '0x7f.1',
  '017700000001',
  '①②⑦.⓪.⓪.①',
  '0.0.0.0',
  '0',
  '[::]',
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::127.0.0.1]',
  '[::ffff:0.0.0.0]',
  '169.254.169.254',
  '[::ffff:169.254.169.254]',
  '[fe80::1]',
];

describe('on AWS a provider is not the machine that a function runs on', () => {
  for (const host of OWN_HOSTS) {
    for (const scheme of ['http', 'https']) {
      test(`which ${scheme}://${host} is`, () => {
        assert.throws(
          () => urlOf(AWS, { token_url: `${scheme}://${host}/2018-06-01/runtime/init/error` }),
          (error) => error instanceof AdminError && error.code === 'invalid-token-url',
        );
      });
    }
  }

  for (const host of ['10.0.0.1', '[2001:db8::1]', '[::ffff:10.0.0.1]', 'localhost.example', '126.0.0.1']) {
    test(`which https://${host} is not`, () => {
      assert.equal(new URL(urlOf(AWS, { token_url: `https://${host}/t` })).pathname, '/t');
    });
  }
});
