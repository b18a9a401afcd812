import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import type { TokenRequest } from '../../../shared/token-endpoint/token-endpoint.ts';
import { ClientSecrets } from '../../../shared/vault/client-secrets.ts';
import { renderClient } from '../../../shared/vault/stored-client.ts';
import { overriding } from '../../support/overriding.ts';
import { CertificateAuthority } from '../token-endpoint/certificate-authority.ts';
import { AdminWorld, CLIENT } from './admin-world.ts';

const NEW_SECRET = 'fake-sentinel-second-secret';
const ids = (count: number) => Array.from({ length: count }, (_, at) => `shop-${at + 1}`);

/** A world with an app and credentials of it. */
async function withApp(credentials: readonly string[] = []): Promise<AdminWorld> {
  const admin = new AdminWorld();
  await admin.do({ action: 'app-put', app: 'erp', client: CLIENT });
  for (const id of credentials) await admin.register(id, { app: 'erp', client: undefined });
  return admin;
}

/** Makes the provider take one client secret alone, and counts what came with another. */
function takesOnly(admin: AdminWorld, secrets: readonly string[]) {
  const refused = { count: 0 };
  admin.world.endpoint.playAlways((request: TokenRequest) => {
    if (secrets.includes(request.client.clientSecret?.reveal() ?? '')) {
      return admin.world.provider.answer(request);
    }
    refused.count += 1;
    return { kind: 'refused-client', reason: 'invalid_client' };
  });
  return refused;
}

async function appSecret(admin: AdminWorld, app = 'erp') {
  const stored = await admin.world.secrets.get(admin.world.names.app(app));
  return stored && JSON.parse(stored.value.reveal());
}

describe('an app', () => {
  it('is one secret, whatever the number of its credentials', async () => {
    const admin = await withApp(ids(5));
    assert.deepEqual(await appSecret(admin), CLIENT);
    for (const id of ids(5)) {
      assert.equal(await admin.client(id), undefined, 'no client secret of its own');
      assert.equal((await admin.record(id)).generation, 1);
      assert.equal((await admin.record(id)).app, 'erp');
    }
    assert.equal((await admin.do({ action: 'list', app: 'erp' })).credentials.length, 5);
    assert.doesNotMatch(admin.said.join(), /sentinel/);
  });

  it('is listed without a read of any credential', async () => {
    const admin = await withApp(ids(3));
    const reads: string[] = [];
    admin.world.fault = (store, operation) => {
      reads.push(`${store} ${operation}`);
      return undefined;
    };
    const { apps } = await admin.do({ action: 'app-list' });
    assert.deepEqual(reads, []);
    assert.equal(apps.length, 1);
    assert.equal(apps[0].app, 'erp');
    assert.deepEqual(apps[0].members, ['client_id', 'client_secret']);
  });

  it('is read once by a container for all its credentials', async () => {
    const admin = await withApp(ids(3));
    let reads = 0;
    admin.world.fault = (store, operation, name) => {
      if (store === 'vault' && operation === 'get' && name === admin.world.names.app('erp')) reads += 1;
      return undefined;
    };
    const container = admin.world.newContainer();
    for (const id of ids(3))
      assert.equal((await admin.world.refresh(id, { force: true }, container)).result, 'refreshed');
    assert.equal(reads, 1);
  });

  it('takes a second secret, and then the first one ends, without a failed refresh', async () => {
    const admin = await withApp(ids(3));
    const refused = takesOnly(admin, [CLIENT.client_secret, NEW_SECRET]);
    await admin.do({ action: 'app-put', app: 'erp', client: { client_secret: NEW_SECRET } });
    await admin.world.ticks(15);
    const after = takesOnly(admin, [NEW_SECRET]);
    await admin.world.ticks(15);
    assert.deepEqual([refused.count, after.count], [0, 0]);
    assert.deepEqual(await appSecret(admin), { ...CLIENT, client_secret: NEW_SECRET });
  });

  it('whose secret is replaced at the provider first costs no credential a refresh', async () => {
    const admin = await withApp(ids(2));
    takesOnly(admin, [NEW_SECRET]);
    const warm = admin.container;
    await admin.world.secrets.put(
      admin.world.names.app('erp'),
      renderClient({
        ...CLIENT,
        client_secret: NEW_SECRET,
      }),
    );
    // The first to be refused reads the vault anew; those that were given the old secret too hear the same.
    const given = await Promise.all(ids(2).map((id) => admin.world.refresh(id, { force: true }, warm)));
    assert.deepEqual(new Set(given.map(({ result }) => result)), new Set(['refreshed']));
  });

  it('that gets the right secret at last wakes all credentials that failed for it', async () => {
    const admin = await withApp(ids(3));
    takesOnly(admin, [NEW_SECRET]);
    await admin.world.ticks(30);
    assert.ok((await admin.record('shop-1')).failure);
    const { steps } = await admin.do({
      action: 'app-put',
      app: 'erp',
      client: { client_secret: NEW_SECRET },
    });
    assert.match(JSON.stringify(steps), /3 failing credentials are tried again/);
    await admin.world.ticks(2);
    for (const id of ids(3)) assert.equal((await admin.record(id)).failure, undefined);
  });

  it('is found again by `list`', async () => {
    const admin = await withApp(['of-app']);
    await admin.register('of-its-own');
    const { credentials } = await admin.do({ action: 'list', app: 'erp' });
    assert.deepEqual(
      credentials.map((one: { credential: string; app: string }) => [one.credential, one.app]),
      [['of-app', 'erp']],
    );
  });

  it('tells each credential the end of its client secret', async () => {
    const admin = await withApp(['shop-1']);
    await admin.do({ action: 'app-put', app: 'erp', client: { expires_at: '2100-01-01T00:00:00Z' } });
    assert.equal(
      (await admin.do({ action: 'status', credential: 'shop-1' })).client_expires_at,
      '2100-01-01T00:00:00.000Z',
    );
    await admin.register('shop-2', { app: 'erp', client: undefined });
    assert.equal(
      (await admin.do({ action: 'status', credential: 'shop-2' })).client_expires_at,
      '2100-01-01T00:00:00.000Z',
    );
  });
});

describe("the end of an app's client secret", () => {
  it('is unknown once another takes its place without one, for each credential', async () => {
    const admin = await withApp(['shop-1']);
    await admin.do({ action: 'app-put', app: 'erp', client: { expires_at: '2100-01-01T00:00:00Z' } });
    const { steps } = await admin.do({
      action: 'app-put',
      app: 'erp',
      client: { client_secret: NEW_SECRET },
    });
    assert.match(JSON.stringify(steps), /give client\.expires_at/);
    assert.equal((await admin.do({ action: 'status', credential: 'shop-1' })).client_expires_at, undefined);
  });
});

describe("the end of an app's certificate", () => {
  it('stays known when the client secret beside it is replaced', async () => {
    const admin = await withApp(['shop-1']);
    const { certificate, key } = new CertificateAuthority('Fake CA').issue('fake-client');
    const put = (client: object) => admin.do({ action: 'app-put', app: 'erp', client });
    await put({ certificate, private_key: key });
    await put({ client_secret: NEW_SECRET });
    const { client_expires_at } = await admin.do({ action: 'status', credential: 'shop-1' });
    assert.equal(client_expires_at, '2120-01-01T00:00:00.000Z');
  });
});

describe('the client of an app that somebody', () => {
  for (const [what, spoil] of [
    ['damaged', (admin: AdminWorld, name: string) => admin.world.secrets.put(name, new Secret('no JSON'))],
    ['deleted', (admin: AdminWorld, name: string) => admin.world.secrets.remove(name, 7)],
  ] as const) {
    it(`${what} is stored anew when it is given whole, and not by half of it`, async () => {
      const admin = await withApp(['shop-1']);
      await spoil(admin, admin.world.names.app('erp'));
      for (const half of [{ client_secret: NEW_SECRET }, { client_id: 'fake-id' }]) {
        const refusal = await admin.refused(
          { action: 'app-put', app: 'erp', client: half },
          'invalid-request',
        );
        assert.equal(
          refusal.message,
          'client: the client of erp is gone or damaged; expected all of it: client_id, client_secret.',
        );
      }
      const { steps } = await admin.do({ action: 'app-put', app: 'erp', client: CLIENT });
      assert.equal(steps[0].step, 'client stored');
      assert.deepEqual(await appSecret(admin), CLIENT);
    });
  }
});

describe('removing an app', () => {
  it('is refused while credentials use it, and works when none does', async () => {
    const admin = await withApp(ids(2));
    await admin.refused({ action: 'app-remove', app: 'erp', check: true }, 'app-in-use');
    const refusal = await admin.refused({ action: 'app-remove', app: 'erp' }, 'app-in-use');
    assert.match(refusal.message, /^2 credentials use the client of erp\. Nothing was removed\.$/);
    await admin.register('shop-3', { app: 'erp', client: undefined });
    for (const id of ids(3)) await admin.do({ action: 'remove', credential: id });
    assert.deepEqual(await admin.do({ action: 'app-remove', app: 'erp', check: true }), {
      app: 'erp',
      checked: true,
    });
    await admin.do({ action: 'app-remove', app: 'erp' });
    assert.equal(await appSecret(admin), undefined);
    const { command: see } = await admin.refused({ action: 'app-remove', app: 'erp' }, 'unknown-app');
    assert.deepEqual(see, { name: 'app list' });
    await admin.refused(admin.request('shop-9', { app: 'erp', client: undefined }), 'unknown-app');
  });

  it('beside a registration that uses it ends in one of the two, never in a credential without a client', async () => {
    const admin = await withApp();
    const { world } = admin;
    let removal: Promise<unknown> | undefined;
    world.fault = (store, operation) => {
      if (store === 'ledger' && operation === 'save') {
        removal ??= admin.doNow({ action: 'app-remove', app: 'erp' }).catch((error: unknown) => error);
      }
      return undefined;
    };
    const registration = await admin
      .do(admin.request('shop-1', { app: 'erp', client: undefined }))
      .catch((error: { code: string }) => error.code);
    await world.drive(Promise.resolve(removal));
    world.fault = () => undefined;
    const apps = (await admin.do({ action: 'app-list' })).apps.length;
    if (registration === 'unknown-app') {
      assert.equal((await admin.record('shop-1')).state, 'removed');
    } else {
      assert.equal(apps, 1);
      assert.equal((await admin.record('shop-1')).generation, 1);
    }
  });
});

describe('moving the client of a credential', () => {
  it('to an app and back loses nothing, and leaves no secret behind', async () => {
    const admin = await withApp();
    await admin.register('acme');
    await admin.do({ action: 'update', credential: 'acme', app: 'erp' });
    assert.equal(await admin.client('acme'), undefined);
    assert.equal((await admin.world.refresh('acme', { force: true })).result, 'refreshed');
    const own = { client_id: 'fake-own', client_secret: 'fake-sentinel-own' };
    await admin.refused({ action: 'update', credential: 'acme', app: null }, 'invalid-request');
    await admin.do({ action: 'update', credential: 'acme', app: null, client: own });
    assert.deepEqual(await admin.client('acme'), own);
    assert.equal((await admin.record('acme')).app, undefined);
    takesOnly(admin, [own.client_secret]);
    assert.equal(
      (await admin.world.refresh('acme', { force: true }, admin.world.newContainer())).result,
      'refreshed',
    );
    await admin.do({ action: 'app-remove', app: 'erp' });
  });

  it('under a refresh that looks for the client meanwhile notes no failure', async () => {
    const admin = await withApp();
    await admin.register('acme');
    const { world } = admin;
    const { secrets, names, clock } = world;
    let moved: Promise<unknown> | undefined;
    const afterMove = overriding(secrets, {
      get: async (name: string) => {
        moved ??= admin.doNow({ action: 'update', credential: 'acme', app: 'erp' });
        await moved;
        return secrets.get(name);
      },
    });
    const cold = { ...world.newContainer(), clientSecrets: new ClientSecrets(afterMove, names, clock) };
    await world.refresh('acme', { force: true }, cold);
    assert.ok(moved);
    assert.equal((await admin.record('acme')).failure, undefined);
    assert.equal((await world.refresh('acme', { force: true }, cold)).result, 'refreshed');
  });

  it('goes to no app that is not there, lacks what is needed, or comes beside a client', async () => {
    const admin = await withApp();
    await admin.register('acme');
    await admin.refused({ action: 'update', credential: 'acme', app: 'other' }, 'unknown-app');
    const both = await admin.refused(
      { action: 'update', credential: 'acme', app: 'erp', client: CLIENT },
      'invalid-request',
    );
    assert.equal(both.field, 'client');
    await admin.do({ action: 'app-put', app: 'public', client: { client_id: 'fake-public' } });
    const lacks = await admin.refused(
      { action: 'update', credential: 'acme', app: 'public' },
      'invalid-request',
    );
    assert.match(lacks.message, /^client\.client_secret: is missing; client_auth post needs it\.$/);
    assert.deepEqual(await admin.client('acme'), CLIENT);
  });

  it('is not done by changing the client: that is changed at the app, for all', async () => {
    const admin = await withApp(['shop-1']);
    for (const input of [
      { action: 'update', credential: 'shop-1', client: { client_secret: 'fake-x' } },
      {
        action: 'reseed',
        credential: 'shop-1',
        refresh_token: 'fake-r',
        client: { client_secret: 'fake-x' },
      },
    ]) {
      const refusal = await admin.refused(input, 'invalid-request');
      assert.deepEqual(refusal.command, { name: 'app put', id: 'erp' });
    }
  });
});

describe('an app that is put', () => {
  it('needs a whole client at first, and takes no one user for all', async () => {
    const admin = new AdminWorld();
    const empty = await admin.refused(
      { action: 'app-put', app: 'erp', client: { client_secret: 'fake' } },
      'invalid-request',
    );
    assert.equal(empty.field, 'client.client_id');
    const user = await admin.refused(
      { action: 'app-put', app: 'erp', client: { ...CLIENT, username: 'u' } },
      'invalid-request',
    );
    assert.equal(user.field, 'client.username');
    assert.deepEqual((await admin.do({ action: 'app-list' })).apps, []);
  });

  it('is not the name of a credential', async () => {
    const admin = new AdminWorld();
    assert.equal((await admin.refused(admin.request('app'), 'invalid-request')).field, 'credential');
  });
});
