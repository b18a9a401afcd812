import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CREDENTIAL_ID, names, secretNames } from '../../../shared/config/names.ts';

describe('the public names', () => {
  it('are those of the contract', () => {
    assert.deepEqual(names('hml'), {
      credentialsTable: 'renova-hml-credentials',
      quotaTable: 'renova-hml-quota',
      refreshFunction: 'renova-hml-refresh',
      readFunction: 'renova-hml-read',
      adminFunction: 'renova-hml-admin',
      secretPrefix: 'renova/hml',
    });
  });

  it('of the secrets are those of the contract, under the prefix of the environment', () => {
    const secrets = secretNames(names('prd').secretPrefix);
    assert.equal(secrets.client('acme'), 'renova/prd/acme/client');
    assert.equal(secrets.rescue('acme'), 'renova/prd/acme/rescue');
    assert.equal(secrets.lane('acme', 11), 'renova/prd/acme/token/11');
    assert.equal(secrets.accessRing, 'renova/prd/seal/access');
    assert.equal(secrets.refreshRing, 'renova/prd/seal/refresh');
  });

  it('of a credential called seal are none of the key rings', () => {
    const secrets = secretNames('renova/prd');
    const own = [secrets.client('seal'), secrets.rescue('seal'), secrets.lane('seal', 0)];
    assert.ok(!own.includes(secrets.accessRing) && !own.includes(secrets.refreshRing));
  });
});

describe('a credential id', () => {
  it('has up to 64 small letters, digits, dots, underscores and hyphens', () => {
    const good = ['a', '0', 'acme', 'a.b_c-d', '9lives', 'a--', 'a..', 'a'.repeat(64)];
    for (const id of good) assert.match(id, CREDENTIAL_ID);
  });

  it('is nothing else', () => {
    const bad = [
      '',
      'a'.repeat(65),
      'A',
      'aB',
      '.a',
      '_a',
      '-a',
      'a/b',
      'a b',
      ' a',
      'a\n',
      'é',
      'a%2f',
      '../a',
      'a\0',
    ];
    for (const id of bad) assert.doesNotMatch(id, CREDENTIAL_ID, JSON.stringify(id));
  });
});
