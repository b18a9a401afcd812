// BSN.cloud: each new token chooses its network before anybody can read it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NetworkOutcome } from '../../../shared/network-endpoint/network-endpoint.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import { World } from '../../support/world.ts';

const URL_OF_NETWORKS = 'https://api.bsn.example/Self/Session/Network';
const SETTINGS = {
  provider: 'bsncloud',
  grant: 'client_credentials',
  networkUrl: URL_OF_NETWORKS,
  defaultAccessTokenMs: 330_000,
  quota: undefined,
} as const;

async function lobby(network: string | undefined = 'Lobby') {
  const world = new World();
  let logins = 0;
  world.endpoint.playAlways(() => {
    const accessToken = new Secret(`fake-access-token-${++logins}`);
    return { kind: 'success', response: { accessToken, tokenType: 'Bearer', expiresInSeconds: 330 } };
  });
  await world.seed('lobby', SETTINGS);
  const client = { client_id: 'fake-id', client_secret: 'fake-secret' };
  await world.secrets.put(
    world.names.client('lobby'),
    renderClient({ ...client, ...(network && { network }) }),
  );
  const posts = () => world.endpoint.received.length;
  const choices = () => world.networks.received;
  return { world, posts, choices };
}

const AWAY: NetworkOutcome = { kind: 'not-chosen', reason: 'http-503' };

describe('a token that must choose its network', () => {
  it('is published only when it has chosen', async () => {
    const { world, choices } = await lobby();
    assert.equal((await world.refresh('lobby')).result, 'refreshed');
    const { generation, access_token } = await world.published('lobby');
    assert.equal(generation, 1);
    assert.deepEqual(
      choices().map(({ url, network, accessToken }) => [url, network, accessToken.reveal()]),
      [[URL_OF_NETWORKS, 'Lobby', access_token]],
    );
  });

  it('that has not chosen is read by nobody, and chooses again without another login', async () => {
    const { world, posts, choices } = await lobby();
    world.networks.play(AWAY, AWAY);
    assert.deepEqual(
      [(await world.refresh('lobby')).reason, (await world.record('lobby')).generation],
      ['not-chosen', 0],
    );
    await world.ticks(2);
    const record = await world.record('lobby');
    assert.deepEqual(
      [record.generation, record.failure, record.aside.withoutNetwork],
      [1, undefined, undefined],
    );
    assert.equal((await world.published('lobby')).generation, 1);
    assert.equal(posts(), 1);
    assert.equal(new Set(choices().map(({ accessToken }) => accessToken.reveal())).size, 1);
  });

  it('leaves the token before it to readers meanwhile', async () => {
    const { world } = await lobby();
    await world.refresh('lobby');
    const before = await world.published('lobby');
    world.networks.play(...Array(20).fill(AWAY));
    await world.ticks(4);
    assert.deepEqual(await world.published('lobby'), before);
    assert.equal((await world.record('lobby')).failure?.outcome, 'not-chosen');
  });

  it('that the provider does not take any more (401) makes way for another login', async () => {
    const { world, posts } = await lobby();
    world.networks.play({ kind: 'refused-token', reason: 'http-401' });
    await world.refresh('lobby');
    assert.equal((await world.record('lobby')).aside.withoutNetwork, undefined);
    await world.ticks(1);
    assert.deepEqual([posts(), (await world.record('lobby')).generation], [2, 1]);
  });

  it('makes way for another login when half of its life has passed', async () => {
    const { world, posts } = await lobby();
    world.networks.play(...Array(4).fill(AWAY));
    await world.ticks(8);
    assert.ok(posts() >= 2);
    assert.equal((await world.record('lobby')).generation, 1);
  });

  it('whose network is refused is a setting to correct, and the corrected one is tried at once', async () => {
    const { world, posts } = await lobby('Lobbby');
    world.networks.play({ kind: 'refused-network', reason: 'http-400' });
    await world.refresh('lobby');
    const { failure } = await world.record('lobby');
    assert.deepEqual([failure?.outcome, failure?.reason], ['refused-network', 'http-400']);
    await world.container.clientSecrets.update({ credential: 'lobby' }, { network: 'Lobby' });
    assert.equal((await world.refresh('lobby', { force: true })).result, 'refreshed');
    assert.equal(world.networks.received.at(-1)?.network, 'Lobby');
    assert.equal(posts(), 1);
  });

  it('of another container’s settings is read past its memory before anything is called wrong', async () => {
    const { world } = await lobby('Lobbby');
    const other = world.newContainer();
    await world.refresh('lobby');
    await other.clientSecrets.update({ credential: 'lobby' }, { network: 'Lobby' });
    world.networks.play({ kind: 'refused-network', reason: 'http-403' });
    assert.equal((await world.refresh('lobby', { force: true })).result, 'refreshed');
    assert.equal(world.networks.received.at(-1)?.network, 'Lobby');
    assert.equal((await world.record('lobby')).failure, undefined);
  });

  it('without a network is told as misconfigured, and costs no request', async () => {
    const { world, choices } = await lobby('');
    await world.refresh('lobby');
    const { failure } = await world.record('lobby');
    assert.deepEqual(
      [failure?.outcome, failure?.reason, choices().length],
      ['refused-network', 'missing-network', 0],
    );
  });

  it('is not lost when the ledger is away after the choice', async () => {
    const { world } = await lobby();
    let away = true;
    world.fault = (store, operation) =>
      store === 'ledger' && operation !== 'load' && away && choiceMade() ? 'before' : undefined;
    const choiceMade = () => world.networks.received.length > 0;
    const refreshing = world.refresh('lobby', {}, world.container, { remainingMs: () => 20_000 });
    await refreshing.catch(() => undefined);
    away = false;
    await world.ticks(3);
    assert.equal((await world.published('lobby')).generation, 1);
  });
});
