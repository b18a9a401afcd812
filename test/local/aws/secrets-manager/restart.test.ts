import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { JournalEntry } from '../../../../local/aws/secrets-manager/secrets-manager.ts';
import { openJournal } from '../../../../local/data/journal/journal.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';
import { DAY_MS, type Json, startEmulator, versionIdOf } from './emulator.ts';

describe('an emulator with a journal', () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'renova-secrets-'));
    path = join(folder, 'secrets.jsonl');
    clock = new ManualClock(1_523_477_145_713);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** As after a kill: the journal before is never closed. */
  const start = () => startEmulator({ clock, journal: openJournal<JournalEntry>(path) });
  const value = (n: number) => ({ ClientRequestToken: versionIdOf(n), SecretString: `fake-token-${n}` });

  /** Everything a client can see of the emulator. */
  function visible(emulator: ReturnType<typeof startEmulator>): Json[] {
    const list = emulator.ok('ListSecrets', { IncludePlannedDeletion: true });
    return [
      list,
      ...(list.SecretList as { Name: string }[]).flatMap(({ Name }) => {
        const versions = emulator.ok('ListSecretVersionIds', { SecretId: Name, IncludeDeprecated: true });
        const values = (versions.Versions as { VersionId: string }[]).map(
          ({ VersionId }) => emulator.call('GetSecretValue', { SecretId: Name, VersionId }).body,
        );
        return [versions, ...values];
      }),
    ];
  }

  it('starts again with everything that it had answered', async () => {
    const before = start();
    before.ok('CreateSecret', {
      Name: 'a',
      Description: 'd',
      KmsKeyId: 'k',
      Tags: [{ Key: 't', Value: 'v' }],
      ...value(1),
    });
    for (let n = 2; n <= 5; n++) {
      await clock.advance(1000);
      before.ok('PutSecretValue', { SecretId: 'a', ...value(n) });
    }
    before.ok('UpdateSecretVersionStage', {
      SecretId: 'a',
      VersionStage: 'MINE',
      MoveToVersionId: versionIdOf(2),
    });
    before.ok('UntagResource', { SecretId: 'a', TagKeys: ['t'] });
    before.ok('CreateSecret', { Name: 'binary', ClientRequestToken: versionIdOf(1), SecretBinary: 'AAEC' });
    before.ok('CreateSecret', { Name: 'marked', ...value(1) });
    before.ok('DeleteSecret', { SecretId: 'marked' });
    before.ok('CreateSecret', { Name: 'forced', ...value(1) });
    before.ok('DeleteSecret', { SecretId: 'forced', ForceDeleteWithoutRecovery: true });
    visible(before); // Reading leaves its date behind.
    const seen = visible(before);

    assert.deepEqual(visible(start()), seen);
    assert.deepEqual(visible(start()), seen, 'and after the compaction of the first restart');
  });

  it('keeps the quota and the idempotency of before', async () => {
    const before = start();
    before.ok('CreateSecret', { Name: 's', ...value(1) });
    for (let n = 2; n <= 100; n++) {
      await clock.advance(100);
      before.ok('PutSecretValue', { SecretId: 's', ...value(n) });
    }

    const after = start();

    assert.equal(
      after.refused('PutSecretValue', { SecretId: 's', ...value(101) }).type,
      'LimitExceededException',
    );
    after.ok('PutSecretValue', { SecretId: 's', ...value(7) });
    await clock.advance(DAY_MS);
    after.ok('PutSecretValue', { SecretId: 's', ...value(101) });
    const again = start();
    assert.equal(
      again.refused('GetSecretValue', { SecretId: 's', VersionId: versionIdOf(1) }).type,
      'ResourceNotFoundException',
    );
    assert.equal(again.service.stats().versionsPerName.s, 100);
  });

  it('does not give a new secret the versions of an old one of that name', async () => {
    const before = start();
    before.ok('CreateSecret', { Name: 's', ...value(1) });
    before.ok('DeleteSecret', { SecretId: 's', RecoveryWindowInDays: 7 });
    await clock.advance(7 * DAY_MS);
    before.ok('CreateSecret', { Name: 's', ...value(2) });

    const after = start();

    assert.equal(
      after.refused('GetSecretValue', { SecretId: 's', VersionId: versionIdOf(1) }).type,
      'ResourceNotFoundException',
    );
    assert.equal(after.ok('GetSecretValue', { SecretId: 's' }).VersionId, versionIdOf(2));
  });

  it('writes a value once, not with every label that moves', () => {
    const emulator = start();
    emulator.ok('CreateSecret', { Name: 's', ...value(1) });
    for (let n = 2; n <= 4; n++) emulator.ok('PutSecretValue', { SecretId: 's', ...value(n) });

    assert.equal(readFileSync(path, 'utf8').split('fake-token-1').length - 1, 1);
  });

  it('shrinks the journal when it starts and while it runs', async () => {
    const emulator = start();
    emulator.ok('CreateSecret', { Name: 's' });
    let largest = 0;
    for (let n = 0; n < 2100; n++) {
      await clock.advance(20);
      emulator.ok('UpdateSecret', { SecretId: 's', Description: `d${n}` });
      largest = Math.max(largest, statSync(path).size);
    }
    const running = statSync(path).size;
    assert.ok(running < largest / 10, `${running} of ${largest} bytes`);

    start();
    assert.equal(readFileSync(path, 'utf8').trimEnd().split('\n').length, 1);
  });
});
