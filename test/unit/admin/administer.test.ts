import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { AdminWorld } from './admin-world.ts';

describe('the operator’s actions', () => {
  it('are known by name, and an unknown one is told which there are', async () => {
    const admin = new AdminWorld();
    for (const action of ['sentinel', 'constructor', '__proto__', 5, null, {}]) {
      const error = await admin.refused({ action }, 'unknown-action');
      assert.match(error.message, /^action: expected one of register, /);
      assert.equal(error.field, 'action');
    }
    for (const input of [{}, [], 'register', null] as object[]) {
      assert.match((await admin.refused(input, 'invalid-request')).message, /^action: is missing/);
    }
  });

  it('refuse an unknown or removed credential, with what to do', async () => {
    const admin = new AdminWorld();
    await admin.register('gone');
    await admin.do({ action: 'remove', credential: 'gone' });
    for (const action of ['status', 'refresh', 'remove']) {
      for (const credential of action === 'remove' ? ['acme'] : ['acme', 'gone']) {
        const error = await admin.refused({ action, credential }, 'unknown-credential');
        assert.match(error.remedy ?? '', /renova list/);
      }
      await admin.refused({ action, credential: 'Not An Id' }, 'invalid-request');
    }
  });

  it('refuse a member that they do not know, and do nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const before = await admin.record('acme');
    for (const action of ['list', 'capacity', 'rotate-seal', 'test-alert']) {
      const error = await admin.refused({ action, dry_run: true }, 'invalid-request');
      assert.deepEqual(
        [error.field, error.message],
        ['dry_run', 'dry_run: is not known here; leave it out.'],
      );
    }
    for (const action of ['status', 'refresh', 'pause', 'resume', 'remove', 'recover', 'rescue']) {
      const error = await admin.refused({ action, credential: 'acme', forse: true }, 'invalid-request');
      assert.equal(error.field, 'forse');
    }
    for (const action of ['status', 'recover']) {
      assert.equal((await admin.refused({ action, id: 'acme' }, 'invalid-request')).field, 'id');
    }
    const { state, generation } = await admin.record('acme');
    assert.deepEqual([state, generation], [before.state, before.generation]);
  });

  it('say of a refresh that failed what status says of it', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    admin.world.endpoint.playAlways(() => ({ kind: 'refused-client', reason: 'invalid_scope' }));
    const { result, reason, failure_reason } = await admin.do({
      action: 'refresh',
      credential: 'acme',
      force: true,
    });
    assert.deepEqual([result, reason, failure_reason], ['failed', 'refused-client', 'invalid_scope']);
    const status = await admin.do({ action: 'status', credential: 'acme' });
    assert.deepEqual([status.outcome, status.reason], [reason, failure_reason]);
  });

  it('list what is registered, by id', async () => {
    const admin = new AdminWorld();
    for (const id of ['b', 'a', 'c']) await admin.register(id);
    await admin.do({ action: 'remove', credential: 'c' });
    const { credentials } = await admin.do({ action: 'list' });
    assert.deepEqual(
      credentials.map(({ credential }: { credential: string }) => credential),
      ['a', 'b'],
    );
  });

  it('show the status of one, and of all with counts', async () => {
    const admin = new AdminWorld();
    await admin.register('good');
    await admin.register('spent', { refresh_token: 'fake-sentinel-spent' });
    admin.world.endpoint.play({ kind: 'throttled' });
    await admin.register('late');
    const one = await admin.do({ action: 'status', credential: 'spent' });
    assert.equal(one.state, 'lapsed');
    assert.equal(one.reason, 'grant-refused');
    const { counts, credentials } = await admin.do({ action: 'status' });
    assert.deepEqual(counts, { active: 1, failing: 1, paused: 0, lapsed: 1 });
    assert.equal(credentials.length, 3);
    assert.equal(
      credentials[0].expires_at,
      new Date((await admin.record('good')).pair?.expiresAtMs ?? 0).toISOString(),
    );
  });

  it('refresh what is due, and what is not only by force', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    assert.equal((await admin.do({ action: 'refresh', credential: 'acme' })).result, 'nothing');
    const forced = await admin.do({ action: 'refresh', credential: 'acme', force: true });
    assert.equal(forced.result, 'refreshed');
    assert.equal(forced.generation, 2);
    await admin.refused({ action: 'refresh', credential: 'acme', force: 'yes' }, 'invalid-request');
  });
});

describe('removing a credential', () => {
  it('leaves nobody to refresh it, no secret to read, and no token in the ledger', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.register('other');
    assert.deepEqual(await admin.do({ action: 'remove', credential: 'acme' }), {
      credential: 'acme',
      state: 'removed',
    });
    assert.ok(admin.world.secrets.names().every((name) => name.startsWith('renova/prd/other/')));
    const record = await admin.record('acme');
    assert.equal(record.pair, undefined);
    assert.equal(record.dueAtMs, undefined);
    const posts = admin.world.endpoint.received.length;
    await admin.world.refresh('acme', { force: true });
    assert.equal(admin.world.endpoint.received.length, posts);
  });

  it('can be done again, and finishes what was left undone', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    admin.world.fault = (store, operation) =>
      store === 'vault' && operation === 'remove' ? 'before' : undefined;
    await assert.rejects(admin.do({ action: 'remove', credential: 'acme' }));
    admin.world.fault = () => undefined;
    await admin.do({ action: 'remove', credential: 'acme' });
    await admin.do({ action: 'remove', credential: 'acme' });
    assert.deepEqual(admin.world.secrets.names(), []);
  });

  it('lets the id be registered again at once, and its generations go on', async () => {
    const admin = new AdminWorld();
    const first = await admin.register('acme');
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    await admin.do({ action: 'remove', credential: 'acme' });
    const again = await admin.register('acme');
    assert.equal(again.generation, 3);
    assert.notEqual(again.chain, first.chain);
    assert.equal(again.published, true);
    const published = await admin.world.published('acme');
    assert.equal(published.generation, 3);
    assert.equal(published.access_token, (await admin.world.accessToken('acme'))?.reveal());
    await admin.world.ticks(10);
    assert.ok(admin.world.provider.accepts(await admin.world.accessToken('acme')));
  });
});

describe('what the operator is told', () => {
  it('never has a secret in it, whatever is asked and whatever goes wrong (I7)', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'pair', extra: { audience: 'fake-sentinel-extra' } });
    await admin.register('spent', { refresh_token: 'fake-sentinel-spent' });
    for (const more of [
      { client: 'fake-sentinel' },
      { client: { ...{ client_id: 'x' }, 'fake-member': 'fake-sentinel' } },
      { client: { client_id: 'x', client_secret: ['fake-sentinel'] } },
      { refresh_token: { token: 'fake-sentinel' } },
      { refresh_token: 'fake-sentinel'.repeat(2000) },
      { token_url: 'https://user:fake-sentinel@provider.example/token' },
      { token_url: 'fake-sentinel' },
      { extra: 'fake-sentinel' },
      { extra: { a: { b: 'fake-sentinel' } } },
      { provider: 'fake-sentinel' },
      { grant: 'fake-sentinel' },
    ]) {
      const error = await admin.do(admin.request('new', more)).then(
        () => assert.fail(inspect(more)),
        (reason: unknown) => reason,
      );
      assert.doesNotMatch(
        inspect(error, { depth: null, showHidden: true }),
        /fake-(sentinel|access|refresh)/,
      );
    }
    await admin.do({ action: 'status' });
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    await admin.do({ action: 'list' });
    assert.ok(admin.said.length > 10);
    assert.doesNotMatch(admin.said.join('\n'), /fake-(sentinel|access|refresh)|sealed/);
  });
});
