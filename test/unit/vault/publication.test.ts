import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretNames } from '../../../shared/config/names.ts';
import type { CredentialRecord } from '../../../shared/credential/credential.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { VersionQuotaError } from '../../../shared/secret-store/secret-store.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { Publication } from '../../../shared/vault/publication.ts';
import { publishToken } from '../../../shared/vault/published-value.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemoryParameterStore } from '../../support/fakes/memory-parameter-store.ts';
import { MemorySealer } from '../../support/fakes/memory-sealer.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';
import type { StoreHooks } from '../../support/fakes/store-hooks.ts';
import { aPair, aRecord } from '../../support/records.ts';

const DAY_MS = 86_400_000;
const names = secretNames('renova/prd');

describe('publishing', () => {
  it('creates every lane with a placeholder, and leaves the lanes that exist', async () => {
    const { publication, record, lane, store } = await open();
    assert.equal(store.names().length, 12);
    assert.equal((await lane(11)).generation, 0);
    await publication.publish(record);
    await publication.createLanes({ ...record, lanes: record.publication.lanes });
    assert.equal((await lane(0)).generation, 1);
  });

  it('writes into the lane of the slot, and into no other', async () => {
    const { publication, record, lane, clock } = await open();
    await clock.advance(2 * 3_600_000 - 1);
    await publication.publish(record);
    assert.equal((await lane(0)).generation, 1);
    assert.equal((await lane(1)).generation, 0);
    await clock.advance(1);
    await publication.publish(record);
    assert.equal((await lane(1)).access_token, 'fake-access-token-1');
    assert.equal((await lane(2)).generation, 0);
  });

  it('gives back pairs whose chain ends when the ledger says it does, if its end is absolute', async () => {
    const { publication, record } = await open();
    await publication.publish(record);
    const endMs = record.pair?.refreshTokenExpiresAtMs ?? 0;
    const earlier = { ...aPair({ refreshTokenExpiresAtMs: endMs - 5000 }) };
    for (const [refreshTokenLifetime, expectedMs] of [
      ['absolute', endMs - 5000],
      ['sliding', endMs],
    ] as const) {
      const [found] = await publication.published({ ...record, pair: earlier, refreshTokenLifetime });
      assert.equal(found?.refreshTokenExpiresAtMs, expectedMs, refreshTokenLifetime);
    }
  });

  it('writes nothing when it is done again', async () => {
    const { publication, record, store } = await open();
    await publication.publish(record);
    const versions = store.versionCount(names.lane('acme', 0));
    await publication.publish(record);
    assert.equal(store.versionCount(names.lane('acme', 0)), versions);
  });

  it('moves to the lane before when the lane has no version left', async () => {
    const { publication, record, lane, store } = await open();
    await fill(store, names.lane('acme', 0));
    await publication.publish(record);
    assert.equal((await lane(11)).generation, 1);
    assert.equal((await lane(1)).generation, 0);
  });

  it('writes into the lane too where readers look that know the former number of lanes', async () => {
    const publicationState = { lanes: 12, formerLanes: [1, 9], generation: 0 };
    const { publication, record, lane, clock } = await open({}, { publication: publicationState });
    await clock.advance(12 * 3_600_000);
    await publication.publish(record);
    const holders = [];
    for (let at = 0; at < 12; at += 1) if ((await lane(at)).generation === 1) holders.push(at);
    assert.deepEqual(holders, [0, 4, 6]);
    assert.equal((await lane(4)).lanes, 12);
  });

  it('publishes though the only lane of before is full', async () => {
    const publicationState = { lanes: 12, formerLanes: [1], generation: 0 };
    const { publication, record, lane, store, clock } = await open({}, { publication: publicationState });
    await fill(store, names.lane('acme', 0));
    await clock.advance(12 * 3_600_000);
    await publication.publish(record);
    assert.equal((await lane(6)).generation, 1);
  });

  it('rejects when the lane before is full too, and when there is no other lane', async () => {
    const two = await open();
    for (const lane of [0, 11]) await fill(two.store, names.lane('acme', lane));
    await assert.rejects(two.publication.publish(two.record), VersionQuotaError);
    const one = await open({}, { publication: { lanes: 1, generation: 0 } });
    await fill(one.store, names.lane('acme', 0));
    await assert.rejects(one.publication.publish(one.record), VersionQuotaError);
  });

  it('creates a lane that is not there', async () => {
    const { publication, record, lane, store } = await open();
    await store.remove(names.lane('acme', 0), 7);
    await publication.publish(record);
    assert.equal((await lane(0)).generation, 1);
  });

  it('brings no lane back once it was told to give up', async () => {
    const { publication, record, store } = await open();
    const late = new AbortController();
    const put = store.put.bind(store);
    store.put = async (name, ...given) => {
      await store.remove(name, 7);
      // Frozen here until nobody waits for it any more.
      await put(name, ...given).finally(() => late.abort());
    };
    await assert.rejects(publication.publish(record, late.signal), StoreUnavailableError);
    assert.equal(await store.get(names.lane('acme', 0)), undefined);
  });

  it('takes a used token for its own earlier publish', async () => {
    const { publication, record, store } = await open();
    const requestToken = publishToken(record, record.pair ?? aPair());
    await store.put(names.lane('acme', 0), new Secret('{"generation":1}'), { requestToken });
    await publication.publish(record);
  });

  it('writes again what was sealed anew, or is published otherwise, in the same slot', async () => {
    const { publication, record, lane, sealer } = await open();
    await publication.publish(record);
    await publication.publish({ ...record, publish: 'pair' });
    assert.equal((await lane(0)).refresh_token, 'fake-refresh-token-1');
    const resealed = await sealTokens(sealer);
    await publication.publish({ ...record, publish: 'pair', pair: resealed });
    assert.equal((await lane(0)).sealed.refresh, resealed.sealedRefresh);
  });

  it('gives up when told to', async () => {
    const { publication, record, lane } = await open();
    await assert.rejects(publication.publish(record, AbortSignal.abort()), StoreUnavailableError);
    assert.equal((await lane(0)).generation, 0);
  });

  it('rejects when the store is away, and says nothing of the token', async () => {
    const { publication, record } = await open({
      faults: (operation) => (operation === 'put' ? 'before' : undefined),
    });
    await assert.rejects(publication.publish(record), (error: Error) => {
      assert.ok(error instanceof StoreUnavailableError);
      assert.doesNotMatch(error.message, /fake-/);
      return true;
    });
  });

  it('opens the refresh token only where the pair is published', async () => {
    const both = await open({}, { publish: 'pair' });
    await both.publication.publish(both.record);
    assert.equal((await both.lane(0)).refresh_token, 'fake-refresh-token-1');
    const access = await open();
    await access.publication.publish(access.record);
    assert.equal('refresh_token' in (await access.lane(0)), false);
  });

  it('refuses a seed, which has no access token', async () => {
    const { publication, record } = await open();
    const seed = aRecord({ pair: aPair({ sealedAccess: undefined }) });
    await assert.rejects(publication.publish({ ...record, pair: seed.pair }), TypeError);
  });
});

describe('publishing under one name in Parameter Store', () => {
  const NAME = '/renova/prd/acme/token';

  it('is done where it is wanted, with the value of the lane', async () => {
    const { publication, record, lane, parameters } = await open();
    await publication.publish(record);
    assert.equal(parameters.puts, 0);

    await publication.publish({ ...record, parameter: true });
    assert.deepEqual(JSON.parse(parameters.values.get(NAME) ?? ''), await lane(0));
  });

  it('leaves the sealed pair out where the value would not fit a parameter that costs nothing', async () => {
    for (const [length, isSealed] of [
      [3400, true],
      [3700, false],
    ] as const) {
      const { publication, record, parameters, sealer } = await open();
      const accessToken = new Secret('x'.repeat(length));
      const pair = await sealer.sealPair('acme', aPair(), { accessToken, refreshToken: new Secret('fake') });
      await publication.publish({
        ...record,
        pair: { ...pair, sealedRefresh: 'y'.repeat(200) },
        parameter: true,
      });
      const value = parameters.values.get(NAME) ?? '';
      assert.equal('sealed' in JSON.parse(value), isSealed, `${value.length} bytes`);
      assert.ok(value.length <= 4096);
    }
  });

  it('escapes what Parameter Store takes for a reference', async () => {
    const { publication, record, parameters } = await open();
    const pair = record.pair && { ...record.pair, scope: 'a {{ssm:fake}} {{{b' };
    await publication.publish({ ...record, pair, parameter: true });
    const value = parameters.values.get(NAME) ?? '';
    assert.doesNotMatch(value, /\{\{/);
    assert.equal(JSON.parse(value).scope, 'a {{ssm:fake}} {{{b');
  });

  it('fails the publish, which is tried again, when Parameter Store does not answer', async () => {
    const { publication, record, parameters, lane } = await open();
    parameters.isAway = true;
    await assert.rejects(publication.publish({ ...record, parameter: true }), StoreUnavailableError);
    assert.equal((await lane(0)).generation, 1);
    parameters.isAway = false;
    await publication.publish({ ...record, parameter: true });
    assert.ok(parameters.values.has(NAME));
  });
});

async function open(hooks: StoreHooks = {}, overrides: Partial<CredentialRecord> = {}) {
  const clock = new ManualClock();
  const store = new MemorySecretStore({ clock, hooks });
  const sealer = new MemorySealer();
  const pair = await sealTokens(sealer);
  const record = aRecord({ pair, ...overrides });
  const parameters = new MemoryParameterStore();
  const publication = new Publication(store, names, sealer, clock, DAY_MS, parameters);
  await publication.createLanes({ ...record, lanes: record.publication.lanes });
  const lane = async (number: number) =>
    JSON.parse((await store.get(names.lane('acme', number)))?.value.reveal() ?? '{}');
  return { clock, store, sealer, publication, record, lane, parameters };
}

function sealTokens(sealer: MemorySealer) {
  const { sealedAccess: _, sealedRefresh: __, ...bare } = aPair();
  return sealer.sealPair('acme', bare, {
    accessToken: new Secret('fake-access-token-1'),
    refreshToken: new Secret('fake-refresh-token-1'),
  });
}

async function fill(store: MemorySecretStore, name: string) {
  while (store.versionCount(name) < 100) await store.put(name, new Secret('{"generation":0}'));
}
