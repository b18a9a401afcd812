import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createTable } from '../../local/aws/dynamodb/create-tables.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { bucketOf } from '../../shared/config/shards.ts';
import { CREDENTIALS_TABLE } from '../../shared/config/tables.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { indexed } from '../../shared/credential/indexed.ts';
import { DynamoDbLedger } from '../../shared/ledger/dynamodb-ledger.ts';
import { tick } from '../../shared/refresh/tick/tick.ts';
import { CountingLedger } from '../support/counting-ledger.ts';
import { startDynalite } from '../support/dynalite.ts';
import { aPair, aRecord } from '../support/records.ts';
import { World } from '../support/world.ts';

/** One tick with so many due, of so many registered, in its most expensive minute: an inventory is due too. */
export interface TickFigures {
  readonly on: 'memory' | 'dynalite';
  readonly registered: number;
  readonly due: number;
  readonly ms: number;
  readonly cpuMs: number;
  /** Records and entries of indexes that were read of the ledger. */
  readonly reads: number;
}

const DUE = 100;
const BATCH = 25;
const AT_A_TIME = 8;
const DAY_MS = 86_400_000;
/** As large as a sealed token of BS2 is. */
const SEALED_BYTES = 300;

const SIZES = [1000, 10_000, 100_000];

/** Ticks over ledgers of each size, in memory and on dynalite. */
export async function tickFigures(): Promise<TickFigures[]> {
  return [...(await ticksInMemory(SIZES)), ...(await ticksOnDynalite(SIZES))];
}

/** Measures ticks over ledgers of these sizes, in memory. */
export async function ticksInMemory(sizes: readonly number[]): Promise<TickFigures[]> {
  const figures: TickFigures[] = [];
  for (const registered of sizes) {
    const world = new World();
    const ledger = new CountingLedger({ items: await population(world, registered) });
    const container = { ...world.newContainer(), ledger };
    const work = () => world.tick(container);
    figures.push({ on: 'memory', registered, ...(await measured(work, () => ledger.total)) });
  }
  return figures;
}

/** Measures ticks over ledgers of these sizes on dynalite, over HTTP in this process. */
export async function ticksOnDynalite(sizes: readonly number[]): Promise<TickFigures[]> {
  const { client, stop } = await startDynalite();
  let reads = 0;
  client.middlewareStack.add(
    (next) => async (input) => {
      const answer = await next(input);
      const { Items, Item } = answer.output as { Items?: unknown[]; Item?: unknown };
      reads += Items?.length ?? (Item ? 1 : 0);
      return answer;
    },
    { step: 'initialize' },
  );
  try {
    const figures: TickFigures[] = [];
    for (const registered of sizes) {
      const tableName = `ledger-${registered}`;
      await createTable(client, tableName, CREDENTIALS_TABLE);
      const world = new World();
      await writeAll(client, tableName, await population(world, registered));
      const ledger = new DynamoDbLedger<CredentialRecord>(client, tableName);
      const container = { ...world.newContainer(), ledger, clock: systemClock };
      const work = () => tick(container, { remainingMs: () => 100_000 });
      figures.push({ on: 'dynalite', registered, ...(await measured(work, () => reads)) });
    }
    return figures;
  } finally {
    await stop();
  }
}

async function measured(
  work: () => Promise<{ readonly due: number }>,
  read: () => number,
): Promise<Omit<TickFigures, 'on' | 'registered'>> {
  const [before, cpu, startMs] = [read(), process.cpuUsage(), performance.now()];
  const { due } = await work();
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return { due, ms, cpuMs: (user + system) / 1000, reads: read() - before };
}

/** So many records, of which {@link DUE} wait for their first refresh and the others are well for a day. */
async function population(world: World, registered: number): Promise<CredentialRecord[]> {
  for (let n = 0; n < DUE; n += 1) await world.seed(`due-${n}`, { publish: 'none', quota: undefined });
  const nowMs = Date.now();
  const pair = aPair({
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 2 * DAY_MS,
    refreshTokenExpiresAtMs: nowMs + 20 * DAY_MS,
    sealedAccess: 'x'.repeat(SEALED_BYTES),
    sealedRefresh: 'x'.repeat(SEALED_BYTES),
  });
  const well = Array.from({ length: registered - DUE }, (_, n) =>
    indexed(
      aRecord({ credential: `well-${n}`, pair, refreshAtMs: nowMs + DAY_MS, quota: undefined }),
      world.timing,
    ),
  );
  return [...world.ledger.items(), ...well];
}

async function writeAll(
  client: DynamoDBClient,
  tableName: string,
  records: readonly CredentialRecord[],
): Promise<void> {
  const batches: CredentialRecord[][] = [];
  for (let at = 0; at < records.length; at += BATCH) batches.push(records.slice(at, at + BATCH));
  const write = async () => {
    for (let batch = batches.pop(); batch; batch = batches.pop()) {
      const puts = batch.map((record) => {
        const item = {
          ...record,
          dueShard: record.dueAtMs === undefined ? undefined : String(bucketOf(record)),
        };
        return { PutRequest: { Item: marshall(item, { removeUndefinedValues: true }) } };
      });
      await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: puts } }));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, write));
}
