import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { profiles } from '../../../shared/provider/profiles.ts';
import { isSecretName, isSecretValue } from '../../../shared/secret/secret-names.ts';

/** As their owners write them; each is tried in other spellings too. */
const SECRETS = [
  'access_token',
  'client_secret',
  'api_key',
  'x-goog-api-key',
  'x-functions-key',
  'ocp-apim-subscription-key',
  'x-amz-signature',
  'private-token',
  'proxy-authorization',
  'aws_secret_access_key',
  'user_password',
  'one_time_password',
  'session_id',
  'security_code',
  'license_key',
  'senha',
  'bearer',
];

/** Beside secrets, and none. */
const NO_SECRETS = [
  'token_type',
  'subject_token_type',
  'requested_token_type',
  'token_url',
  'access_key_id',
  'client_secret_id',
  'include_refresh_token',
  'returnRefreshToken',
  'enable-jwt',
  'Enable-JWT',
  'use_signature',
  'password_policy',
  'publicKey',
  'stripe_publishable_key',
  'secrets',
  'refresh-token-at',
  'audience',
  'credential',
  'resource',
  'login_hint',
  'secretaria',
  'author',
  'mapping',
];

const SPELLINGS: Readonly<Record<string, (name: string) => string>> = {
  'as it is': (name) => name,
  'in capitals': (name) => name.toUpperCase(),
  'in camel case': (name) => name.replaceAll(/[_-](\w)/g, (_, letter: string) => letter.toUpperCase()),
  'in one word': (name) => name.replaceAll(/[_-]/g, ''),
  'with dots': (name) => name.replaceAll(/[_-]/g, '.'),
  'as a member of an object': (name) => `data[${name}]`,
  'as one of a list': (name) => `${name}[0]`,
  'with blanks around it': (name) => ` ${name} `,
  'with a character of no width': (name) => `${name}\u200b`,
  'in wide letters': (name) =>
    name.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
};

describe('the name of a secret', () => {
  for (const [how, spell] of Object.entries(SPELLINGS)) {
    it(`is known ${how}`, () => {
      for (const name of SECRETS) assert.ok(isSecretName(spell(name)), spell(name));
    });
  }

  it('is no name of something that only speaks of one', () => {
    for (const name of NO_SECRETS) assert.ok(!isSecretName(name), name);
  });

  it('is nothing that a profile sends in clear', () => {
    for (const { provider, extra = {}, headers = {}, fields = [] } of profiles.values()) {
      for (const name of [...Object.keys(extra), ...Object.keys(headers), ...fields]) {
        assert.ok(!isSecretName(name), `${provider}: ${name}`);
      }
    }
  });
});

describe('a text', () => {
  it('is a secret by its looks', () => {
    for (const text of [
      'eyJhbGciOiJub25lIn0.eyJhIjoxfQ.',
      'eyJhbGciOiJkaXIifQ..iv.text.tag',
      'x=eyJhbGciOiJub25lIn0.eyJhIjoxfQ.sig',
      '-----BEGIN PRIVATE KEY-----\nfake',
      '-----BEGIN RSA PRIVATE KEY-----',
      'Bearer fake',
      ' basic ZmFrZQ==',
    ]) {
      assert.ok(isSecretValue(text), text);
    }
  });

  it('is none where it only resembles one', () => {
    for (const text of [
      '',
      'basic',
      'Bearer',
      'eyJ',
      'https://a.example',
      'monkeyJump.a.b',
      'JWT',
      '-----BEGIN CERTIFICATE-----',
    ]) {
      assert.ok(!isSecretValue(text), text);
    }
  });
});
