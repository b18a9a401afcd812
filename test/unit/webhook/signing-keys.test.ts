import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SigningKeys } from '../../../shared/webhook/signing-keys.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';

const ONE = 'whsec_ZmFrZS13ZWJob29rLWtleS0xLWZha2Utd2ViaG9vay1rZXktMQ==';
const TWO = 'ZmFrZS13ZWJob29rLWtleS0yLWZha2Utd2ViaG9vay1rZXktMg==';

describe('the keys of webhooks', () => {
  it('are the current one and the one before, and are read anew after five minutes', async () => {
    const clock = new ManualClock();
    const vault = vaultOf({ AWSCURRENT: ONE });
    const keys = new SigningKeys(vault.client, 'renova/prd/webhook', clock);
    assert.deepEqual(await revealed(keys), [ONE.replace('whsec_', '')]);

    vault.stages = { AWSCURRENT: TWO, AWSPREVIOUS: ONE };
    await clock.advance(299_999);
    assert.deepEqual(await revealed(keys), [ONE.replace('whsec_', '')]);
    await clock.advance(1);
    assert.deepEqual(await revealed(keys), [TWO, ONE.replace('whsec_', '')]);
  });

  it('that are none are refused without a word of them', async () => {
    for (const value of ['fake key', 'c2hvcnQ=', '']) {
      const keys = new SigningKeys(
        vaultOf({ AWSCURRENT: value }).client,
        'renova/prd/webhook',
        new ManualClock(),
      );
      await assert.rejects(keys.read(), ({ code, message }: { code: string; message: string }) => {
        assert.equal(code, 'invalid-webhook-key');
        assert.ok(value === '' || !message.includes(value));
        return true;
      });
    }
  });

  it('cannot be read while the vault is away', async () => {
    const keys = new SigningKeys(vaultOf({}).client, 'renova/prd/webhook', new ManualClock());
    await assert.rejects(keys.read(), { code: 'store-unavailable' });
  });
});

async function revealed(keys: SigningKeys): Promise<string[]> {
  return (await keys.read()).map((key) => key.reveal());
}

/** A vault with one secret, by its stages. */
function vaultOf(stages: Readonly<Record<string, string>>) {
  const vault = {
    stages,
    client: {
      send: async ({ input }: { input: { VersionStage: string } }) => {
        const SecretString = vault.stages[input.VersionStage];
        if (SecretString === undefined) {
          throw Object.assign(new Error('none'), { name: 'ResourceNotFoundException' });
        }
        return { SecretString };
      },
    } as unknown as SecretsManagerClient,
  };
  return vault;
}
