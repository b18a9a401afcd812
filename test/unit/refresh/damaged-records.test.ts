import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { faultOf } from '../../../shared/credential/record-fault.ts';
import { amount } from '../../runner/amount.ts';
import { damagesOf } from '../../support/damage.ts';
import { AT_MS, anAttempt, aRecord } from '../../support/records.ts';
import { World } from '../../support/world.ts';

const DAMAGED = 'damaged';
const HEALTHY = ['alice', 'bob'];
const MINUTES = 12;
/** Every so many of all cases. */
const EVERY = amount({ test: 7, prove: 1 });

async function worldWith(damage: (record: CredentialRecord) => CredentialRecord): Promise<World> {
  const world = new World();
  for (const credential of [DAMAGED, ...HEALTHY]) {
    await world.seed(credential, { quota: { key: credential, limit: 10, windowMs: 60_000 } });
  }
  await world.ticks(4);
  const { revision, ...record } = await world.record(DAMAGED);
  await world.ledger.save({ ...damage({ ...record, revision }), revision: revision + 1, writer: 'a-hand' });
  return world;
}

const toldOf = (world: World, credential: string) =>
  world.events.accepted
    .filter(({ type, detail }) => detail.credential === credential && type !== 'Token Refreshed')
    .map(({ type }) => type);

async function isWell(world: World, credential: string): Promise<boolean> {
  const { state, pair } = await world.record(credential);
  const isAlive = (pair?.expiresAtMs ?? 0) > world.clock.nowMs();
  return state === 'active' && isAlive && (await world.chainLives(credential).catch(() => false));
}

describe('a record with one member that no version of Renova wrote', async () => {
  const world = new World();
  await world.seed(DAMAGED);
  await world.ticks(4);
  const cases = damagesOf(await world.record(DAMAGED));
  const drawn = cases.filter((_, place) => place % EVERY === 0);

  it(`is renewed or told by its name, and costs nobody else anything: ${drawn.length} cases`, async () => {
    for (const { what, apply } of drawn) {
      const one = await worldWith(apply);
      // Another one fails meanwhile, which has to be told all the same.
      one.fault = (store, operation, name) =>
        store === 'vault' && operation === 'put' && name.includes('/bob/token/') ? 'before' : undefined;
      await one.ticks(MINUTES);
      for (const credential of HEALTHY) assert.ok(await isWell(one, credential), `${credential}: ${what}`);
      assert.deepEqual(toldOf(one, 'bob'), ['Token Unpublished'], what);
      const isSettled = (await isWell(one, DAMAGED)) || toldOf(one, DAMAGED).length > 0;
      assert.ok(isSettled, `neither renewed nor told: ${what}`);
    }
  });
});

describe('a damaged record', () => {
  it('is told once, with what is wrong and what helps, and when it is as it should be again', async () => {
    let sound: CredentialRecord | undefined;
    const world = await worldWith((record) => {
      sound = record;
      return { ...record, mode: 'sometimes' as CredentialRecord['mode'] };
    });
    await world.ticks(20);
    const [event, ...others] = world.events.accepted.filter(({ detail }) => detail.reason);
    assert.deepEqual(others, []);
    assert.equal(event?.type, 'Credential Misconfigured');
    assert.deepEqual([event?.detail.credential, event?.detail.reason], [DAMAGED, 'damaged-record']);
    assert.match(event?.detail.explanation ?? '', /: the first wrong member is mode\./);
    assert.deepEqual(event?.detail.command, { name: 'recover', id: DAMAGED });
    assert.equal(world.telemetry.values('FailingCredentials').at(-1), 1);

    const { revision } = await world.record(DAMAGED);
    assert.ok(sound);
    await world.ledger.save({ ...sound, revision: revision + 1, writer: 'a-hand' });
    await world.ticks(10);
    const restored = world.events.accepted.filter(({ detail }) => /as it should be/.test(detail.explanation));
    assert.deepEqual(
      restored.map(({ type, detail }) => [type, detail.credential]),
      [['Credential Recovered', DAMAGED]],
    );
    assert.equal(toldOf(world, DAMAGED).filter((type) => type === 'Credential Misconfigured').length, 1);
    assert.equal(world.telemetry.values('FailingCredentials').at(-1), 0);
    assert.ok(await isWell(world, DAMAGED));
  });

  it('waits for a bus that is away', async () => {
    const world = await worldWith((record) => ({ ...record, quota: 'ten' as unknown as undefined }));
    world.events.refusing = true;
    await world.ticks(10);
    world.events.refusing = false;
    await world.ticks(10);
    assert.deepEqual(toldOf(world, DAMAGED).filter((type) => type === 'Credential Misconfigured').length, 1);
  });
});

describe('what is no damage', () => {
  const sound: Readonly<Record<string, CredentialRecord>> = {
    'an active credential': aRecord(),
    'one under way': aRecord({ attempt: anAttempt(AT_MS) }),
    'one that lapsed': aRecord({
      state: 'lapsed',
      lapse: { atMs: AT_MS, reason: 'grant-refused', afterUnknown: false },
    }),
    'one without a quota': aRecord({ quota: undefined }),
    'a removed one': aRecord({ state: 'removed', pair: undefined }),
  };
  for (const [what, record] of Object.entries(sound)) {
    it(what, () => assert.equal(faultOf(record), undefined));
  }
});
