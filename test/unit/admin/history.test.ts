import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AdminWorld } from './admin-world.ts';

const status = { action: 'status', credential: 'acme' };
const ana = { by: 'ana@laptop' };

describe('the history of a credential', () => {
  it('says what became of each refresh, the latest first', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    admin.world.endpoint.play({ kind: 'not-sent', reason: 'ECONNREFUSED' });
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    await admin.world.ticks(10);
    const { history } = await admin.do(status);
    const latest = history.slice(-3).map(({ generation, outcome, reason }: Record<string, unknown>) => ({
      generation,
      outcome,
      reason,
    }));
    assert.deepEqual(latest, [
      { generation: 2, outcome: 'refreshed', reason: undefined },
      { generation: 1, outcome: 'not-sent', reason: 'ECONNREFUSED' },
      { generation: 1, outcome: 'refreshed', reason: undefined },
    ]);
    const times = history.map(({ at }: { at: string }) => Date.parse(at));
    assert.deepEqual(
      times,
      times.toSorted((a: number, b: number) => b - a),
    );
  });

  it('keeps the last 20 refreshes in few bytes, and costs no write of its own', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const { revision, generation } = await admin.record('acme');
    await admin.world.ticks(120);
    const record = await admin.record('acme');
    const refreshes = record.generation - generation;
    assert.ok(refreshes > 25);
    const { history } = await admin.do(status);
    assert.equal(history.length, 20);
    assert.equal(history[0].generation, record.generation);
    assert.ok(JSON.stringify(record.history).length < 600, `${JSON.stringify(record.history).length} bytes`);
    // Begin, keep, finish, and that it was told.
    assert.ok(record.revision - revision <= 4 * refreshes, `${record.revision - revision} of ${refreshes}`);
  });

  it('says how a chain ended, and that another began', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { refresh_token: 'fake-spent' });
    await admin.do({
      ...ana,
      action: 'reseed',
      credential: 'acme',
      refresh_token: admin.world.provider.login().reveal(),
    });
    const { history, changes } = await admin.do(status);
    assert.deepEqual(
      history.map(({ outcome, reason }: Record<string, unknown>) => [outcome, reason]),
      [
        ['refreshed', undefined],
        ['lapsed', 'grant-refused'],
      ],
    );
    assert.deepEqual(
      changes.map(({ change, by }: Record<string, unknown>) => [change, by]),
      [
        ['reseeded', 'ana@laptop'],
        ['registered', undefined],
      ],
    );
  });

  it('says that a mistyped reseed went back to the chain before', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.do({ action: 'reseed', credential: 'acme', refresh_token: 'fake-mistyped' });
    const { history } = await admin.do(status);
    assert.equal(history[0].outcome, 'went-back');
  });

  it('says who changed what, by the names of settings and never by a value', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', ana);
    const update = { scope: 'fake-other-scope', tags: { owner: 'fake-sentinel-owner' } };
    await admin.do({ action: 'update', credential: 'acme', ...ana, ...update });
    await admin.do({
      action: 'update',
      credential: 'acme',
      client: { client_secret: 'fake-sentinel-secret' },
    });
    await admin.do({ action: 'update', credential: 'acme', clear: ['tags'] });
    await admin.do({ action: 'pause', credential: 'acme', by: 'console' });
    await admin.do({ action: 'pause', credential: 'acme', by: 'again' });
    await admin.do({ action: 'resume', credential: 'acme' });
    const { changes } = await admin.do(status);
    assert.deepEqual(
      changes.map(({ at: _, ...change }: Record<string, unknown>) => change),
      [
        { change: 'resumed' },
        { change: 'paused', by: 'console' },
        { change: 'updated', settings: ['tags'] },
        { change: 'updated', settings: ['client'] },
        { change: 'updated', settings: ['scope', 'tags'], by: 'ana@laptop' },
        { change: 'registered', by: 'ana@laptop' },
      ],
    );
    assert.doesNotMatch(JSON.stringify((await admin.record('acme')).history), /sentinel/);
  });

  it('goes on when the id is registered again', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.do({ action: 'remove', credential: 'acme', ...ana });
    await admin.register('acme');
    const { changes } = await admin.do(status);
    assert.deepEqual(
      changes.map(({ change }: { change: string }) => change),
      ['registered', 'removed', 'registered'],
    );
  });

  it('is in a list only where it is asked for', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const [short] = (await admin.do({ action: 'list' })).credentials;
    assert.equal(short.history, undefined);
    const [long] = (await admin.do({ action: 'list', history: true })).credentials;
    assert.deepEqual(long.history[0].outcome, 'refreshed');
  });

  for (const by of ['', 'ana laptop', 'a'.repeat(65), '\u001b[31m', 7, null]) {
    it(`refuses ${JSON.stringify(by)} for who asks, and does nothing`, async () => {
      const admin = new AdminWorld();
      await admin.register('acme');
      const error = await admin.refused({ action: 'pause', credential: 'acme', by }, 'invalid-request');
      assert.match(error.message, /^by: expected who asks/);
      assert.equal((await admin.record('acme')).state, 'active');
    });
  }
});
