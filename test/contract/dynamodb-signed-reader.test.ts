import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createTable } from '../../local/aws/dynamodb/create-tables.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { CREDENTIALS_TABLE } from '../../shared/config/tables.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { DynamoDbLedger } from '../../shared/ledger/dynamodb-ledger.ts';
import { SignedLedgerReader } from '../../shared/ledger/signed-ledger-reader.ts';
import { systemRandom } from '../../shared/random/random.ts';
import { startDynalite } from '../support/dynalite.ts';
import { anAttempt, aRecord } from '../support/records.ts';

const { client, endpoint, stop } = await startDynalite();
after(stop);

test('the signed reader of the ledger reads what the ledger saves, and nothing where there is nothing', async () => {
  await createTable(client, 'credentials', CREDENTIALS_TABLE);
  const ledger = new DynamoDbLedger<CredentialRecord>(client, 'credentials');
  const reader = new SignedLedgerReader<CredentialRecord>('credentials', {
    at: () => ({ endpoint, region: 'us-east-1' }),
    credentials: () => ({ accessKeyId: 'fake-id', secretAccessKey: 'fake-key' }),
    clock: systemClock,
    random: systemRandom,
  });
  for (const record of [
    aRecord(),
    aRecord({
      credential: 'other',
      attempt: anAttempt(0),
      tags: { owner: 'ção “x”' },
      extra: { a: ['1', '2'] },
    }),
  ]) {
    await ledger.save(record);
    assert.deepEqual(await reader.load(record.credential), await ledger.load(record.credential));
  }
  assert.equal(await reader.load('nobody'), undefined);
});
