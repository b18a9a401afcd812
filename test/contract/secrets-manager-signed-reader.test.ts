import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { systemRandom } from '../../shared/random/random.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { SecretsManagerSecretStore } from '../../shared/secret-store/secrets-manager-secret-store.ts';
import { SignedSecretReader } from '../../shared/secret-store/signed-secret-reader.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { startSecretsManager } from '../support/secrets-manager.ts';

const { client, endpoint, stop } = await startSecretsManager(new ManualClock());
after(stop);

test('the signed reader of secrets reads what the secret store puts, and nothing where there is nothing', async () => {
  const store = new SecretsManagerSecretStore(client);
  const reader = new SignedSecretReader({
    at: () => ({ endpoint, region: 'us-east-1' }),
    credentials: () => ({ accessKeyId: 'fake-id', secretAccessKey: 'fake-key' }),
    clock: systemClock,
    random: systemRandom,
  });
  assert.equal(await reader.get('acme'), undefined);
  await store.create('acme', new Secret('fake-a'));
  const first = await store.get('acme');
  await store.put('acme', new Secret('fake-b'));
  for (const versionId of [undefined, first?.versionId]) {
    const [read, expected] = [await reader.get('acme', versionId), await store.get('acme', versionId)];
    assert.equal(read?.value.reveal(), expected?.value.reveal());
    assert.equal(read?.versionId, expected?.versionId);
  }
  await store.remove('acme', 7);
  assert.equal(await reader.get('acme'), undefined);
});
