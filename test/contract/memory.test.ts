import { ManualClock } from '../support/fakes/manual-clock.ts';
import { MemoryLedger } from '../support/fakes/memory-ledger.ts';
import { MemorySecretStore } from '../support/fakes/memory-secret-store.ts';
import { MemoryTable } from '../support/fakes/memory-table.ts';
import { ledgerContract, type SampleRecord } from './ledger-contract.ts';
import { secretStoreContract } from './secret-store-contract.ts';
import { type Sample, tableContract } from './table-contract.ts';

tableContract('memory', () => new MemoryTable<Sample>({ keyName: 'credential' }));
ledgerContract('memory', async () => new MemoryLedger<SampleRecord>());

secretStoreContract('memory', () => {
  const clock = new ManualClock();
  return { store: new MemorySecretStore({ clock }), advance: (ms) => clock.advance(ms) };
});
