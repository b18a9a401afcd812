import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { type Json, startEmulator, versionIdOf } from './emulator.ts';

describe('paging', () => {
  let emulator: ReturnType<typeof startEmulator>;

  beforeEach(async () => {
    emulator = startEmulator();
    for (let n = 1; n <= 5; n++) {
      const value = { ClientRequestToken: versionIdOf(n), SecretString: 'fake-token' };
      emulator.ok('CreateSecret', { Name: `s${n}`, ...value });
      emulator.ok('PutSecretValue', { SecretId: 's1', ...value });
    }
  });

  /** Every page of a list, with something done between two pages. */
  function pages(
    operation: string,
    input: Json,
    list: string,
    member: string,
    between = () => {},
  ): unknown[][] {
    const found: unknown[][] = [];
    let token: unknown;
    do {
      const body = emulator.ok(operation, token === undefined ? input : { ...input, NextToken: token });
      found.push((body[list] as Json[]).map((item) => item[member]));
      token = body.NextToken;
      between();
    } while (token !== undefined);
    return found;
  }

  it('cuts secrets into pages, also where many were created in the same millisecond', () => {
    assert.deepEqual(pages('ListSecrets', { MaxResults: 2 }, 'SecretList', 'Name'), [
      ['s1', 's2'],
      ['s3', 's4'],
      ['s5'],
    ]);
  });

  it('gives no token with a last page that is full', () => {
    assert.equal(pages('ListSecrets', { MaxResults: 5 }, 'SecretList', 'Name').length, 1);
  });

  it('goes backwards', () => {
    const input = { MaxResults: 3, SortOrder: 'desc', SortBy: 'name' };
    assert.deepEqual(pages('ListSecrets', input, 'SecretList', 'Name'), [
      ['s5', 's4', 's3'],
      ['s2', 's1'],
    ]);
  });

  it('skips and repeats nothing when secrets come and go between pages', () => {
    const comeAndGo = () => {
      emulator.ok('DeleteSecret', { SecretId: 's1', ForceDeleteWithoutRecovery: true });
      emulator.call('CreateSecret', { Name: 's0' });
    };
    assert.deepEqual(pages('ListSecrets', { MaxResults: 2 }, 'SecretList', 'Name', comeAndGo), [
      ['s1', 's2'],
      ['s3', 's4'],
      ['s5'],
    ]);
  });

  it('cuts versions into pages', () => {
    const input = { SecretId: 's1', IncludeDeprecated: true, MaxResults: 2 };
    assert.deepEqual(pages('ListSecretVersionIds', input, 'Versions', 'VersionId'), [
      [versionIdOf(1), versionIdOf(2)],
      [versionIdOf(3), versionIdOf(4)],
      [versionIdOf(5)],
    ]);
  });

  it('cuts filtered values into pages', () => {
    const input = { Filters: [{ Key: 'name', Values: ['s'] }], MaxResults: 4 };
    assert.deepEqual(pages('BatchGetSecretValue', input, 'SecretValues', 'Name'), [
      ['s1', 's2', 's3', 's4'],
      ['s5'],
    ]);
  });

  it('refuses the token of another list', () => {
    const { NextToken } = emulator.ok('ListSecrets', { MaxResults: 2 });

    for (const [operation, input] of [
      ['ListSecrets', { SortBy: 'name' }],
      ['ListSecretVersionIds', { SecretId: 's1' }],
      ['BatchGetSecretValue', { Filters: [{ Key: 'name', Values: ['s'] }] }],
    ] as const) {
      assert.equal(emulator.refused(operation, { ...input, NextToken }).type, 'InvalidNextTokenException');
    }
  });
});
