import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { secretNames } from '../../../shared/config/names.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { ClientSecretError, ClientSecrets } from '../../../shared/vault/client-secrets.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { MemorySecretStore } from '../../support/fakes/memory-secret-store.ts';

const names = secretNames('renova/prd');
const NAME = names.client('acme');
const KEEP_MS = 600_000;
const first = renderClient({ client_id: 'fake-id-1', client_secret: 'fake-secret-1' });
const second = renderClient({ client_id: 'fake-id-2', client_secret: 'fake-secret-2' });

describe('the client secrets of a container', () => {
  it('are read as registration wrote them', async () => {
    const { secrets, store } = await open();
    const all = {
      client_id: 'fake-id',
      client_secret: 'fake-s',
      username: 'u',
      password: 'fake-p',
      network: 'n',
    };
    await store.put(NAME, renderClient(all));
    const client = await secrets.get({ credential: 'acme' });
    assert.equal(client.clientId, 'fake-id');
    assert.equal(client.clientSecret?.reveal(), 'fake-s');
    assert.equal(client.username, 'u');
    assert.equal(client.password?.reveal(), 'fake-p');
    assert.equal(client.network, 'n');
    assert.doesNotMatch(inspect(client), /fake-[sp]/);
  });

  it('need only an id', async () => {
    const { secrets, store } = await open();
    await store.put(NAME, renderClient({ client_id: 'fake-public' }));
    assert.equal((await secrets.get({ credential: 'acme' })).clientSecret, undefined);
  });

  it('of a provider without clients need only a user', async () => {
    const { secrets, store } = await open();
    await store.put(NAME, renderClient({ username: 'fake-user' }));
    const { clientId, username } = await secrets.get({ credential: 'acme' });
    assert.deepEqual([clientId, username], ['', 'fake-user']);
    await secrets.update({ credential: 'acme' }, { network: 'fake-network' });
    const stored = await store.get(NAME);
    assert.equal(stored?.value.reveal(), '{"username":"fake-user","network":"fake-network"}');
  });

  it('stay in memory for ten minutes', async () => {
    const { secrets, store, clock, reads } = await open();
    await secrets.get({ credential: 'acme' });
    await store.put(NAME, second);
    await clock.advance(KEEP_MS - 1);
    assert.equal((await secrets.get({ credential: 'acme' })).clientId, 'fake-id-1');
    assert.equal(reads(), 1);
    await clock.advance(1);
    assert.equal((await secrets.get({ credential: 'acme' })).clientId, 'fake-id-2');
    assert.equal(reads(), 2);
  });

  it('are read anew after ten minutes in which the container was suspended', async () => {
    const { secrets, store, clock } = await open();
    await secrets.get({ credential: 'acme' });
    await store.put(NAME, second);
    clock.shiftWall(KEEP_MS);
    assert.equal((await secrets.get({ credential: 'acme' })).clientId, 'fake-id-2');
  });

  it('are served from memory, however old, while the vault is away', async () => {
    const { secrets, clock, vault } = await open();
    vault.isAway = true;
    await assert.rejects(secrets.get({ credential: 'acme' }), StoreUnavailableError);
    vault.isAway = false;
    await secrets.get({ credential: 'acme' });
    vault.isAway = true;
    await clock.advance(100 * KEEP_MS);
    assert.equal((await secrets.get({ credential: 'acme' })).clientId, 'fake-id-1');
  });

  it('tell whether the vault has another version, and then use it', async () => {
    const { secrets, store } = await open();
    await secrets.get({ credential: 'acme' });
    assert.equal(await secrets.changed({ credential: 'acme' }), false);
    await store.put(NAME, second);
    assert.equal(await secrets.changed({ credential: 'acme' }), true);
    assert.equal(await secrets.changed({ credential: 'acme' }), false);
    assert.equal((await secrets.get({ credential: 'acme' })).clientId, 'fake-id-2');
  });

  it('reject what nobody registered, naming the secret and what to do', async () => {
    const { secrets } = await open();
    await assert.rejects(secrets.get({ credential: 'other' }), (error: Error) => {
      assert.ok(error instanceof ClientSecretError);
      assert.match(error.message, /^renova\/prd\/other\/client: .*run update/);
      return true;
    });
  });

  it('reject what cannot be used, old copy or not, and never repeat it', async () => {
    const { secrets, store, clock } = await open();
    await secrets.get({ credential: 'acme' });
    const broken = [
      'sentinel',
      '{"sentinel": 1}',
      '{"client_id": ""}',
      '{"client_id": ["sentinel"]}',
      'null',
    ];
    for (const value of [...broken, '{"client_id": "sentinel", "client_secret": 5}']) {
      await store.put(NAME, new Secret(value));
      await clock.advance(KEEP_MS);
      await assert.rejects(secrets.get({ credential: 'acme' }), (error: Error) => {
        assert.ok(error instanceof ClientSecretError);
        assert.match(
          error.message,
          /renova\/prd\/acme\/client: expected JSON with "client_id" or "username"/,
        );
        assert.doesNotMatch(inspect(error, { depth: null, showHidden: true }), /sentinel/);
        return true;
      });
    }
  });

  it('are kept apart by credential', async () => {
    const { secrets, store } = await open();
    await store.create(names.client('other'), second);
    assert.equal((await secrets.get({ credential: 'acme' })).clientId, 'fake-id-1');
    assert.equal((await secrets.get({ credential: 'other' })).clientId, 'fake-id-2');
  });
});

async function open() {
  const clock = new ManualClock();
  const vault = { isAway: false };
  let reads = 0;
  const store = new MemorySecretStore({
    clock,
    hooks: {
      faults: (operation) => {
        if (operation === 'get') reads += 1;
        return vault.isAway ? 'before' : undefined;
      },
    },
  });
  await store.create(NAME, first);
  return { clock, store, vault, reads: () => reads, secrets: new ClientSecrets(store, names, clock) };
}
