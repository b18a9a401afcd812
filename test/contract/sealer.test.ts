import { JweSealer } from '../../shared/sealing/jwe-sealer.ts';
import { newKeyRing } from '../../shared/sealing/key-ring.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemorySealer } from '../support/fakes/memory-sealer.ts';
import { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';
import { sealerContract } from './sealer-contract.ts';

sealerContract('memory', async () => new MemorySealer());

sealerContract('JWE', async () => {
  const clock = new ManualClock();
  const store = new MemorySecretStore({ clock });
  // The same key id in both rings: that they are separate must not depend on their ids.
  for (const name of ['ring/access', 'ring/refresh']) await store.create(name, newKeyRing('key-1'));
  return new JweSealer(store, { access: 'ring/access', refresh: 'ring/refresh' }, new ManualClock());
});
