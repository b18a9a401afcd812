// How a public list of providers is counted, on entries that are made up: the list itself is not in the repository.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countList } from './count.ts';
import { registrationOf } from './registration.ts';

/** A place of the list in which its user types a value. */
const place = (name: string) => `$${`{connectionConfig.${name}}`}`;
const TOKEN_URL = `https://${place('subdomain')}.provider.example/token`;
const entry = (more: object = {}) => ({ auth_mode: 'OAUTH2', token_url: TOKEN_URL, ...more });

describe('an entry of a public list', () => {
  it('is registered with what its user types, and by the grant that keeps it alive', () => {
    const { token_url, grant, client_auth } = registrationOf('fake', entry());
    assert.deepEqual(
      [token_url, grant, client_auth],
      ['https://fake.example.provider.example/token', 'refresh_token', 'post'],
    );
    const byItself = entry({
      auth_mode: 'OAUTH2_CC',
      token_request_auth_method: 'basic',
      token_params: { grant_type: 'account_credentials', account_id: place('accountId') },
    });
    const given = registrationOf('fake', byItself);
    assert.deepEqual(
      [given.grant, given.grant_type, given.client_auth, given.extra],
      ['client_credentials', 'account_credentials', 'basic', { account_id: 'fake.example' }],
    );
  });

  it('counts where registration takes it and the request has all that it asks for', async () => {
    const { all, writable, others } = await countList({
      plain: entry(),
      json: entry({ body_format: 'json', refresh_params: { grant_type: 'refresh_token', expires_in: 1800 } }),
      certified: entry({ auth_mode: 'OAUTH2_CC', require_client_certificate: true }),
      signed: entry({ auth_mode: 'OAUTH2_CC', token_request_auth_method: 'private_key_jwt' }),
      like: { alias: 'json' },
      'not-oauth': { auth_mode: 'API_KEY' },
    });
    assert.deepEqual({ all, writable, others }, { all: 5, writable: 5, others: [] });
  });

  it('is named with the reason where registration refuses it, or it needs code', async () => {
    const { writable, others } = await countList({
      nowhere: entry({ token_url: undefined }),
      plain: entry({ token_url: 'http://provider.example/token' }),
      secret: entry({ refresh_params: { grant_type: 'refresh_token', api_key: place('key') } }),
      facebook: entry(),
    });
    assert.equal(writable, 0);
    assert.deepEqual(
      others.map(({ name }) => name),
      ['nowhere', 'plain', 'secret', 'facebook'],
    );
    assert.match(others[1]?.reason ?? '', /^token_url: /);
    assert.match(others[2]?.reason ?? '', /^extra: takes no secret/);
  });
});
