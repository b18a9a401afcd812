import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { DAY_MS, type Json, startEmulator, versionIdOf } from './emulator.ts';

const TEN_MINUTES_MS = 600_000;

describe('the version quota', () => {
  let emulator: ReturnType<typeof startEmulator>;

  beforeEach(() => {
    emulator = startEmulator();
    emulator.ok('CreateSecret', { Name: 'lane', ...newValue(1) });
  });

  const newValue = (n: number) => ({ ClientRequestToken: versionIdOf(n), SecretString: `fake-token-${n}` });
  const put = (n: number, more: Json = {}) =>
    emulator.ok('PutSecretValue', { SecretId: 'lane', ...newValue(n), ...more });
  const refusedPut = (n: number) => emulator.refused('PutSecretValue', { SecretId: 'lane', ...newValue(n) });
  const versionIds = () => {
    const { Versions } = emulator.ok('ListSecretVersionIds', { SecretId: 'lane', IncludeDeprecated: true });
    return (Versions as { VersionId: string }[]).map(({ VersionId }) => VersionId);
  };
  const idsFromTo = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, at) => versionIdOf(first + at));

  /** Writes versions 2 to `last`, far enough apart for the rate limit. */
  async function fill(last: number): Promise<void> {
    for (let n = 2; n <= last; n++) {
      await emulator.clock.advance(100);
      put(n);
    }
  }

  it('lets a 100th version in after 99', async () => {
    await fill(99);
    put(100);

    assert.deepEqual(versionIds(), idsFromTo(1, 100));
  });

  it('refuses a 101st version on the same day, and writes nothing', async () => {
    await fill(100);

    assert.equal(refusedPut(101).type, 'LimitExceededException');

    assert.deepEqual(versionIds(), idsFromTo(1, 100));
    assert.equal(emulator.ok('GetSecretValue', { SecretId: 'lane' }).VersionId, versionIdOf(100));
    assert.equal(
      emulator.ok('GetSecretValue', { SecretId: 'lane', VersionStage: 'AWSPREVIOUS' }).VersionId,
      versionIdOf(99),
    );
    assert.equal(emulator.service.stats().limitsExceeded, 1);
  });

  it('refuses it of UpdateSecret too, and leaves the description as it was', async () => {
    await fill(100);

    const refusal = emulator.refused('UpdateSecret', {
      SecretId: 'lane',
      Description: 'x',
      ...newValue(101),
    });

    assert.equal(refusal.type, 'LimitExceededException');
    assert.equal(emulator.ok('DescribeSecret', { SecretId: 'lane' }).Description, undefined);
  });

  it('still accepts a repeated request at 100 versions', async () => {
    await fill(100);

    assert.deepEqual(put(100).VersionStages, ['AWSCURRENT']);
  });

  it('protects a version until it is 24 hours old, to the millisecond', async () => {
    await fill(100);
    const sinceFirstMs = 99 * 100;

    await emulator.clock.advance(DAY_MS - sinceFirstMs - 1);
    assert.equal(refusedPut(101).type, 'LimitExceededException');

    await emulator.clock.advance(1);
    put(101);
    assert.deepEqual(versionIds(), idsFromTo(2, 101));
    assert.equal(refusedPut(102).type, 'LimitExceededException', 'the second version is 100 ms younger');
  });

  it('removes no more versions than the new one needs', async () => {
    await fill(100);
    await emulator.clock.advance(2 * DAY_MS);

    put(101);

    assert.deepEqual(versionIds(), idsFromTo(2, 101));
  });

  it('never removes a version that has a label, however old it is', async () => {
    emulator.ok('UpdateSecretVersionStage', {
      SecretId: 'lane',
      VersionStage: 'KEEP',
      MoveToVersionId: versionIdOf(1),
    });
    await fill(100);
    await emulator.clock.advance(2 * DAY_MS);

    put(101);

    assert.deepEqual(versionIds(), [versionIdOf(1), ...idsFromTo(3, 101)]);
  });

  it('never stops a writer of one version in 14.4 minutes', async () => {
    for (let n = 2; n <= 400; n++) {
      await emulator.clock.advance(DAY_MS / 100);
      put(n);
    }

    assert.equal(emulator.service.stats().peakVersionsPerName.lane, 100);
    assert.equal(emulator.service.stats().putsPerName.lane, 399);
  });

  it('stops a writer of one version in 10 minutes after 1000 minutes', async () => {
    for (let n = 2; n <= 100; n++) {
      await emulator.clock.advance(TEN_MINUTES_MS);
      put(n);
    }
    await emulator.clock.advance(TEN_MINUTES_MS);

    assert.equal(refusedPut(101).type, 'LimitExceededException');
  });

  it('leaves a quota that binds one secret to that secret', async () => {
    await fill(100);
    emulator.ok('CreateSecret', { Name: 'other', ...newValue(1) });

    emulator.ok('PutSecretValue', { SecretId: 'other', ...newValue(2) });

    assert.deepEqual(emulator.service.stats().versionsPerName, { lane: 100, other: 2 });
  });
});
