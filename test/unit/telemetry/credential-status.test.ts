import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timing } from '../../../shared/config/timing.ts';
import { silentLog } from '../../../shared/log/log.ts';
import { credentialStatus } from '../../../shared/telemetry/credential-status.ts';
import { AT_MS, aPair, aRecord } from '../../support/records.ts';
import { World } from '../../support/world.ts';

const MINUTE_MS = 60_000;
const PAIR = aPair({
  issuedAtMs: AT_MS - 2 * MINUTE_MS,
  expiresAtMs: AT_MS + 3 * MINUTE_MS,
  refreshTokenExpiresAtMs: AT_MS + 90 * MINUTE_MS,
});
const failure = {
  count: 1,
  sinceMs: AT_MS,
  lastAtMs: AT_MS,
  outcome: 'unknown',
  reason: 'ECONNRESET',
} as const;

describe('what a inventory says of one credential', () => {
  it('is its state, the age of its token, and what is left of it and of its chain', () => {
    const record = aRecord({ credential: 'acme', generation: 7, pair: PAIR });
    assert.deepEqual(credentialStatus(record, AT_MS, timing(1)), {
      credential: 'acme',
      state: 'active',
      generation: 7,
      tokenAgeMinutes: 2,
      tokenMinutesLeft: 3,
      hoursToLapse: 1.5,
    });
  });

  it('tells a failing one from an active one, and a lapsed one has no time left', () => {
    const found = (changes: object) =>
      credentialStatus(aRecord({ pair: PAIR, ...changes }), AT_MS, timing(1));
    assert.equal(found({ failure })?.state, 'failing');
    assert.equal(found({ state: 'paused', failure })?.state, 'paused');
    assert.equal(found({ state: 'lapsed' })?.hoursToLapse, undefined);
    assert.equal(found({ state: 'removed' }), undefined);
  });

  it('knows no age of a token that is not there', () => {
    const record = aRecord({ pair: { ...PAIR, sealedAccess: undefined } });
    assert.equal(credentialStatus(record, AT_MS, timing(1))?.tokenAgeMinutes, undefined);
  });

  it('is in the time of scale 1', () => {
    assert.equal(credentialStatus(aRecord({ pair: PAIR }), AT_MS, timing(30))?.tokenAgeMinutes, 60);
  });

  it('is logged for every credential, once in five minutes', async () => {
    const world = new World();
    const logged: unknown[] = [];
    const container = world.newContainer();
    const info = (message: string, fields?: object) => {
      if (message === 'credential') logged.push({ ...fields });
    };
    Object.assign(container, { log: { ...silentLog, info } });
    for (const id of ['a', 'b']) await world.seed(id);
    await world.tick(container);
    await world.tick(container);
    assert.deepEqual(logged.map((each) => (each as { credential: string }).credential).sort(), ['a', 'b']);
  });
});
