import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { startEmulator, versionIdOf } from './emulator.ts';

describe('the rate limit on writes', () => {
  let emulator: ReturnType<typeof startEmulator>;
  let written = 0;

  beforeEach(() => {
    emulator = startEmulator();
    written = 0;
    emulator.ok('CreateSecret', { Name: 's' });
  });

  const write = (region = 'us-west-2') => {
    const input = { SecretId: 's', ClientRequestToken: versionIdOf(++written), SecretString: 'fake-token' };
    return emulator.call('PutSecretValue', input, region);
  };
  const writes = (count: number) => Array.from({ length: count }, () => write().status);
  const countOf = (statuses: number[], status: number) => statuses.filter((each) => each === status).length;

  it('admits 50 in a second and throttles the 51st, which writes nothing', () => {
    assert.equal(countOf(writes(50), 200), 50);

    const { status, body } = write();

    assert.equal(status, 400);
    assert.deepEqual(body, { __type: 'ThrottlingException', Message: 'Rate exceeded' });
    assert.equal(emulator.service.stats().versionsPerName.s, 50);
    assert.equal(emulator.service.stats().throttled, 1);
  });

  it('counts PutSecretValue, UpdateSecret and UpdateSecretVersionStage together', () => {
    writes(48);
    emulator.ok('UpdateSecret', { SecretId: 's', Description: 'd' });
    const move = { SecretId: 's', VersionStage: 'MINE', MoveToVersionId: versionIdOf(48) };
    emulator.ok('UpdateSecretVersionStage', move);

    assert.equal(
      emulator.refused('UpdateSecret', { SecretId: 's', Description: 'e' }).type,
      'ThrottlingException',
    );
    assert.equal(emulator.refused('UpdateSecretVersionStage', move).type, 'ThrottlingException');
  });

  it('slides: 50 at the end of a second leave nothing for the start of the next', async () => {
    await emulator.clock.advance(999);
    writes(50);
    await emulator.clock.advance(999);
    assert.deepEqual(writes(1), [400]);

    await emulator.clock.advance(1);
    assert.deepEqual(writes(1), [200]);
  });

  it('does not count what it throttled', async () => {
    writes(80);
    await emulator.clock.advance(1000);

    assert.equal(countOf(writes(60), 200), 50);
  });

  it('is a limit of each region', () => {
    writes(50);

    assert.equal(write('us-west-2').status, 400);
    assert.equal(write('sa-east-1').status, 200);
  });

  it('measures monotonic time, so a wall clock that is set does not reset it', () => {
    writes(50);
    emulator.clock.shiftWall(60_000);

    assert.deepEqual(writes(1), [400]);
  });

  it('leaves reads alone', () => {
    writes(51);

    for (let n = 0; n < 1000; n++) emulator.ok('GetSecretValue', { SecretId: 's' });
  });

  it('throttles reads above 10,000 a second', () => {
    for (let n = 0; n < 5_000; n++) emulator.ok('DescribeSecret', { SecretId: 's' });
    writes(1);
    for (let n = 0; n < 5_000; n++) emulator.ok('GetSecretValue', { SecretId: 's' });

    assert.equal(emulator.refused('GetSecretValue', { SecretId: 's' }).type, 'ThrottlingException');
  });
});
