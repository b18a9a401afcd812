import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dataFolder } from '../../local/data/data-folder.ts';
import { names } from '../../shared/config/names.ts';
import { CREDENTIALS_TABLE } from '../../shared/config/tables.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { eventually } from './eventually.ts';
import { operatorOf } from './operator.ts';
import { sandboxClient } from './sandbox-client.ts';

const ENV = 'prd';
const PARTS = ['--env', ENV, '--scale', '60'];
const folder = mkdtempSync(join(tmpdir(), 'renova-index-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a credential whose index entry was lost in a crash is refreshed again after a restart', {
  timeout: 600_000,
}, async (t) => {
  const provider = await startStackProcess(t, [...PARTS, '--provider-only']);
  const args = [...PARTS, '--no-provider', '--data', folder];
  const first = await startStackProcess(t, args);
  const sandbox = sandboxClient(provider.providerUrl);
  const before = await operatorOf(t, ENV, first.awsUrl).register('acme', sandbox);
  await first.stop();
  assert.ok((await loseIndexEntries(dataFolder(folder).dynamoDb)) > 0, 'there was no entry to lose');

  const second = await startStackProcess(t, args);

  const operator = operatorOf(t, ENV, second.awsUrl);
  await eventually(
    'two more generations',
    async (seen) => {
      const { generation, due_at } = await operator.status('acme');
      seen({ generation, due_at });
      return generation >= before.generation + 2 ? generation : undefined;
    },
    { withinMs: 60_000 },
  );
});

/** The part of LevelDB that is needed to do to dynalite's files what a kill between two writes does. */
interface Level {
  keys(): AsyncIterable<string>;
  del(key: string): Promise<void>;
  close(): Promise<void>;
}

/** Deletes every entry of the credentials' index, in the files of a stack that has stopped; returns how many. */
async function loseIndexEntries(path: string): Promise<number> {
  const ofDynalite = createRequire(createRequire(import.meta.url).resolve('dynalite'));
  const { Level } = ofDynalite('level') as { Level: new (path: string) => Level };
  const prefix = `index-global~${names(ENV).credentialsTable}~${CREDENTIALS_TABLE.indexes[0].name}~`;
  const level = new Level(path);
  let lost = 0;
  for await (const key of level.keys()) {
    if (!key.startsWith(prefix)) continue;
    await level.del(key);
    lost += 1;
  }
  await level.close();
  return lost;
}
