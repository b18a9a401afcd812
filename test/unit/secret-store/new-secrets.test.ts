import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readEnvironment } from '../../../functions/environment.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import {
  type NewSecretOptions,
  SecretsManagerSecretStore,
} from '../../../shared/secret-store/secrets-manager-secret-store.ts';

const VARIABLES = {
  RENOVA_ENV: 'prd',
  RENOVA_CREDENTIALS_TABLE: 'renova-prd-credentials',
  RENOVA_QUOTA_TABLE: 'renova-prd-quota',
  RENOVA_SECRET_PREFIX: 'renova/prd',
};
const KEY = 'arn:aws:kms:sa-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** What Secrets Manager is asked when a secret is made. */
async function created(newSecrets: NewSecretOptions) {
  const asked: { KmsKeyId?: string; Tags?: unknown }[] = [];
  const client = { send: async ({ input }: { input: object }) => asked.push(input) };
  const store = new SecretsManagerSecretStore(client as unknown as SecretsManagerClient, newSecrets);
  await store.create('renova/prd/acme/client', new Secret('fake'), { tags: { 'renova:credential': 'acme' } });
  return asked[0];
}

describe('a secret that is made at run time', () => {
  it('has the key and the tags of its environment, beside its own', async () => {
    const { newSecrets } = readEnvironment({
      ...VARIABLES,
      RENOVA_SECRETS_KEY: KEY,
      RENOVA_TAGS: '{"owner":"payments"}',
    });
    const { KmsKeyId, Tags } = (await created(newSecrets)) ?? {};
    assert.equal(KmsKeyId, KEY);
    assert.deepEqual(Tags, [
      { Key: 'renova:credential', Value: 'acme' },
      { Key: 'owner', Value: 'payments' },
    ]);
  });

  it('has a key of AWS and its own tags where the environment says nothing', async () => {
    const { KmsKeyId, Tags } = (await created(readEnvironment(VARIABLES).newSecrets)) ?? {};
    assert.equal(KmsKeyId, undefined);
    assert.deepEqual(Tags, [{ Key: 'renova:credential', Value: 'acme' }]);
  });

  it('keeps the tags of its environment when those of its credential change', async () => {
    const asked: { Tags?: unknown; TagKeys?: unknown }[] = [];
    const client = { send: async ({ input }: { input: object }) => asked.push(input) };
    const store = new SecretsManagerSecretStore(client as unknown as SecretsManagerClient, {
      tags: { owner: 'payments' },
    });
    await store.retag('renova/prd/acme/client', {
      set: { team: 'a', owner: 'acme' },
      drop: ['owner', 'site'],
    });
    assert.deepEqual(
      asked.map(({ Tags, TagKeys }) => Tags ?? TagKeys),
      [
        [
          { Key: 'team', Value: 'a' },
          { Key: 'owner', Value: 'payments' },
        ],
        ['site'],
      ],
    );
  });

  it('is not made with tags that cannot be read: the function says which variable it is', () => {
    for (const RENOVA_TAGS of ['owner=payments', '["owner"]', '{"owner":1}']) {
      assert.throws(() => readEnvironment({ ...VARIABLES, RENOVA_TAGS }), {
        code: 'invalid-environment',
        message: /^RENOVA_TAGS/,
      });
    }
  });
});
