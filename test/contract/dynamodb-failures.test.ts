import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createTable } from '../../local/aws/dynamodb/create-tables.ts';
import { CREDENTIALS_TABLE } from '../../shared/config/tables.ts';
import { DynamoDbLedger } from '../../shared/ledger/dynamodb-ledger.ts';
import type { LedgerRecord } from '../../shared/ledger/ledger.ts';
import { ConflictError, StoreUnavailableError } from '../../shared/table/table.ts';
import { testClientOptions } from '../support/aws-clients.ts';
import { startDynalite } from '../support/dynalite.ts';
import { awsException, connectionReset, injectSdkFault, type SdkFault } from '../support/sdk-faults.ts';

const { client, endpoint, stop } = await startDynalite();
after(stop);
/** Sends everything once: where the SDK's resends are not what is tested, nobody waits for them. */
const hasty = new DynamoDBClient({ ...testClientOptions(endpoint), maxAttempts: 1 });
await createTable(client, 'ledger', CREDENTIALS_TABLE);
const ledger = new DynamoDbLedger<LedgerRecord & { token?: unknown }>(client, 'ledger');

describe('the DynamoDB ledger when the service or the network fails', () => {
  test('a save whose answer was lost is resent by the SDK and succeeds, the first and a later one', async () => {
    const created = record();
    await withFault({ ...lostAnswer, times: 1 }, () => ledger.save(created));
    const changed = { ...created, revision: 2, writer: randomUUID() };
    await withFault({ ...lostAnswer, times: 1 }, () => ledger.save(changed));
    assert.deepEqual(await ledger.load(created.credential), changed);
  });

  test('a save that got no answer at all is unavailable, and saving it again tells that it was stored', async () => {
    const item = record();
    await withFault(lostAnswer, () => assert.rejects(ledger.save(item), StoreUnavailableError));
    await ledger.save(item);
    assert.deepEqual(await ledger.load(item.credential), item);
  });

  test('a refused condition that cannot be looked into is unavailable, not a conflict', async () => {
    const item = record();
    await ledger.save(item);
    const noRead: SdkFault = { command: 'GetItemCommand', point: 'before', error: connectionReset() };
    await withFault(noRead, () => assert.rejects(ledger.save(record(item)), StoreUnavailableError));
  });

  test('a refusal that brings the item with it is understood without a read', async () => {
    const item = record();
    const noRead: SdkFault = { command: 'GetItemCommand', point: 'before', error: connectionReset() };
    const refusedFor = (stored: LedgerRecord): SdkFault => ({
      command: 'PutItemCommand',
      point: 'before',
      error: Object.assign(awsException('ConditionalCheckFailedException', 400), { Item: marshall(stored) }),
    });
    await withFault(noRead, async () => {
      await withFault(refusedFor(item), () => ledger.save(item));
      const rival = { ...item, writer: randomUUID() };
      await withFault(refusedFor(rival), () => assert.rejects(ledger.save(item), ConflictError));
    });
  });

  for (const [name, status] of [
    ['ProvisionedThroughputExceededException', 400],
    ['AccessDeniedException', 400],
    ['InternalServerError', 500],
  ] as const) {
    test(`${name} is unavailable, for every operation`, async () => {
      const item = record();
      await ledger.save(item);
      const once = new DynamoDbLedger<LedgerRecord>(hasty, 'ledger');
      const operations = {
        GetItemCommand: () => once.load(item.credential),
        PutItemCommand: () => once.save({ ...item, revision: 2, writer: 'w' }),
        QueryCommand: () => once.due(1, 1),
        ScanCommand: () => once.list()[Symbol.asyncIterator]().next(),
      };
      for (const [command, run] of Object.entries(operations)) {
        const error = awsException(name, status);
        const refused = (rejection: Error) => {
          assert.ok(rejection instanceof StoreUnavailableError);
          assert.deepEqual(rejection.cause, { name, status });
          return true;
        };
        await withFault({ command, point: 'before', error }, () => assert.rejects(run, refused), hasty);
      }
    });
  }

  test('an endpoint that nobody listens on is unavailable', async () => {
    const gone = await startDynalite();
    await gone.stop();
    const unreachable = new DynamoDBClient({ ...testClientOptions(gone.endpoint), maxAttempts: 1 });
    const rejection = new DynamoDbLedger(unreachable, 'ledger').load('acme');
    await assert.rejects(rejection, (error: Error) => {
      assert.ok(error instanceof StoreUnavailableError);
      assert.equal((error.cause as { code?: string }).code, 'ECONNREFUSED');
      return true;
    });
  });

  test('an item beyond 400 KiB is unavailable and nothing is written', async () => {
    const item = record();
    await assert.rejects(ledger.save({ ...item, token: 'x'.repeat(410 * 1024) }), StoreUnavailableError);
    assert.equal(await ledger.load(item.credential), undefined);
  });

  test('an error that quotes the request is not passed on', async () => {
    const error = Object.assign(awsException('ValidationException', 400, 'fake-sentinel in the message'), {
      $response: { body: 'fake-sentinel' },
      code: 'fake sentinel, not a code',
    });
    const item = { ...record(), token: 'fake-sentinel' };
    await withFault({ command: 'PutItemCommand', point: 'before', error }, async () => {
      const rejection: unknown = await ledger.save(item).catch((reason: unknown) => reason);
      assert.ok(rejection instanceof StoreUnavailableError);
      assert.doesNotMatch(inspect(rejection, { depth: null, showHidden: true }), /sentinel/);
    });
  });
});

const lostAnswer: SdkFault = { command: 'PutItemCommand', point: 'after', error: connectionReset() };

function record(values: Partial<LedgerRecord> = {}): LedgerRecord {
  return { credential: randomUUID(), ...values, revision: 1, writer: randomUUID() };
}

async function withFault(fault: SdkFault, act: () => Promise<unknown>, host = client): Promise<void> {
  const takeBack = injectSdkFault(host, fault);
  try {
    await act();
  } finally {
    takeBack();
  }
}
