import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reseedChain } from '../../../shared/refresh/operator/seed-chain.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import type { TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import type { ProviderOutcome } from '../../support/fakes/scripted-token-endpoint.ts';
import { World } from '../../support/world.ts';

const NEW_CLIENT = { client_id: 'fake-new-id', client_secret: 'fake-new-secret' };

/** A provider that knows the new client only, and answers others as it is told. */
async function withNewClient(world: World, otherwise: ProviderOutcome) {
  const warm = world.newContainer();
  await world.refresh('acme', { force: true }, warm);
  await world.newContainer().clientSecrets.update({ credential: 'acme' }, NEW_CLIENT);
  world.endpoint.playAlways((request: TokenRequest) =>
    request.client.clientId === NEW_CLIENT.client_id ? world.provider.answer(request) : otherwise,
  );
  return warm;
}

describe('a container that holds a client secret which was replaced', () => {
  it('begins a new chain with the client that came with it', async () => {
    const world = new World();
    await world.seed('acme');
    const warm = await withNewClient(world, { kind: 'refused-grant', reason: 'invalid_grant' });
    const refreshToken = world.provider.login();
    await world.drive(
      reseedChain(world.newContainer(), { credential: 'acme', chain: 'chain-2', refreshToken }),
    );
    assert.equal((await world.refresh('acme', { force: true }, warm)).result, 'refreshed');
  });

  it('ends no chain for an invalid_grant that was meant for the old client', async () => {
    const world = new World();
    await world.seed('acme');
    const warm = await withNewClient(world, { kind: 'refused-grant', reason: 'invalid_grant' });
    assert.equal((await world.refresh('acme', { force: true }, warm)).result, 'refreshed');
    assert.equal((await world.record('acme')).failure, undefined);
  });

  it('ends the chain when the provider refuses the token of the current client', async () => {
    const world = new World();
    await world.seed('acme');
    await world.refresh('acme');
    world.endpoint.playAlways({ kind: 'refused-grant', reason: 'invalid_grant' });
    assert.equal((await world.refresh('acme', { force: true })).reason, 'refused-token');
    await world.clock.advance(150_000);
    assert.equal((await world.refresh('acme')).result, 'lapsed');
  });

  it('logs in with the new password at once, though the login has failed before', async () => {
    const world = new World();
    await world.seed('acme', { grant: 'password', refreshTokenMs: undefined });
    await world
      .newContainer()
      .clientSecrets.update({ credential: 'acme' }, { username: 'fake-user', password: 'fake-old' });
    const success = {
      kind: 'success',
      response: { accessToken: new Secret('fake-a'), tokenType: 'Bearer' },
    } as const;
    const warm = world.newContainer();
    world.endpoint.play(success);
    assert.equal((await world.refresh('acme', {}, warm)).result, 'refreshed');
    world.endpoint.playAlways(({ client }: TokenRequest) =>
      client.password?.reveal() === 'fake-new' ? success : { kind: 'refused-grant', reason: 'invalid_grant' },
    );
    await world.clock.advance(160_000);
    assert.equal((await world.refresh('acme', {}, warm)).reason, 'refused-grant');

    await world.newContainer().clientSecrets.update({ credential: 'acme' }, { password: 'fake-new' });
    assert.equal((await world.refresh('acme', { force: true }, warm)).result, 'refreshed');
  });

  it('alarms nobody', async () => {
    const world = new World();
    await world.seed('acme');
    const warm = await withNewClient(world, { kind: 'refused-client', reason: 'invalid_client' });
    await world.refresh('acme', { force: true }, warm);
    assert.deepEqual([...new Set(world.events.accepted.map(({ type }) => type))], ['Token Refreshed']);
  });
});
