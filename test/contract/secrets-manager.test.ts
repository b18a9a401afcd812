import { after } from 'node:test';
import { SecretsManagerSecretStore } from '../../shared/secret-store/secrets-manager-secret-store.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { startSecretsManager, unhurried } from '../support/secrets-manager.ts';
import { secretStoreContract } from './secret-store-contract.ts';

const { client, reset, stop } = await startSecretsManager(new ManualClock());
after(stop);

secretStoreContract('Secrets Manager (local emulator)', () => {
  const clock = new ManualClock();
  reset(unhurried(clock));
  return { store: new SecretsManagerSecretStore(client), advance: (ms) => clock.advance(ms) };
});
