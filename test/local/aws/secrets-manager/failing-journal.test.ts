import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JournalEntry } from '../../../../local/aws/secrets-manager/secrets-manager.ts';
import type { Journal } from '../../../../local/data/journal/journal.ts';
import { startEmulator, versionIdOf } from './emulator.ts';

const value = (n: number) => ({ ClientRequestToken: versionIdOf(n), SecretString: `fake-token-${n}` });

describe('an emulator whose journal fails', () => {
  it('answers 500 and changes nothing when the change cannot be stored', () => {
    let full = false;
    const journal: Journal<JournalEntry> = {
      entries: [],
      append: () => {
        if (full) throw new Error('ENOSPC');
      },
      rewrite: () => {},
      close: () => {},
    };
    const emulator = startEmulator({ journal });
    emulator.ok('CreateSecret', { Name: 's', ...value(1) });
    emulator.ok('GetSecretValue', { SecretId: 's' });
    full = true;

    const { status, body } = emulator.call('PutSecretValue', { SecretId: 's', ...value(2) });

    assert.equal(status, 500);
    assert.equal(body.__type, 'InternalServiceError');
    assert.equal(emulator.ok('GetSecretValue', { SecretId: 's' }).VersionId, versionIdOf(1));
  });

  it('goes on when a compaction fails, for the change itself is stored', async () => {
    const entries: JournalEntry[] = [];
    const journal: Journal<JournalEntry> = {
      entries: [],
      append: (entry) => entries.push(entry),
      rewrite: () => {
        throw new Error('ENOSPC');
      },
      close: () => {},
    };
    const emulator = startEmulator({ journal });
    emulator.ok('CreateSecret', { Name: 's' });
    for (let n = 0; n < 2000; n++) {
      await emulator.clock.advance(20);
      emulator.ok('UpdateSecret', { SecretId: 's', Description: `d${n}` });
    }

    assert.equal(entries.length, 2001);
  });
});
