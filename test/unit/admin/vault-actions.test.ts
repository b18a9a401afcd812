import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JweSealer } from '../../../shared/sealing/jwe-sealer.ts';
import { newKeyRing } from '../../../shared/sealing/key-ring.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { Publication } from '../../../shared/vault/publication.ts';
import { AdminWorld } from './admin-world.ts';

describe('recover', () => {
  it('adopts what the vault has newer, for one credential', async () => {
    const admin = await restored();
    const answer = await admin.do({ action: 'recover', credential: 'acme' });
    assert.deepEqual(answer.credentials, [
      { credential: 'acme', result: 'recovered', generation: 3, before: 1 },
    ]);
    assert.equal((await admin.record('beta')).generation, 1, 'the other is left alone');
    assert.ok(await admin.world.chainLives('acme'));
  });

  it('does it for all without a credential, and says of each what came of it', async () => {
    const admin = await restored();
    const { credentials } = await admin.do({ action: 'recover' });
    assert.deepEqual(
      credentials.map(({ credential, result }: { credential: string; result: string }) => [
        credential,
        result,
      ]),
      [
        ['acme', 'recovered'],
        ['beta', 'recovered'],
        ['gamma', 'up-to-date'],
      ],
    );
    assert.equal(admin.world.provider.reused, 0);
  });

  it('is refused for an unknown credential', async () => {
    const admin = new AdminWorld();
    await admin.refused({ action: 'recover', credential: 'nobody' }, 'unknown-credential');
    assert.deepEqual(await admin.do({ action: 'recover' }), { credentials: [] });
  });

  /** The ledger is from before two refreshes of `acme` and `beta`; `gamma` was left in peace since. */
  async function restored(): Promise<AdminWorld> {
    const admin = new AdminWorld();
    for (const id of ['acme', 'beta', 'gamma']) await admin.register(id);
    const backup = [await admin.record('acme'), await admin.record('beta')];
    for (const id of ['acme', 'beta', 'acme', 'beta']) {
      await admin.do({ action: 'refresh', credential: id, force: true });
    }
    for (const old of backup) {
      const { revision } = await admin.record(old.credential);
      await admin.world.ledger.save({ ...old, revision: revision + 1, writer: `restore-${old.credential}` });
    }
    return admin;
  }
});

describe('rescue', () => {
  const body = '{"access_token":"fake-access-1","expires_in":300,"refresh_tok';

  it('shows the answer that could not be understood, when it came, and what to do with it', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play({ kind: 'garbled', body: new Secret(body) });
    const first = await admin.register('acme');
    assert.match(first.steps.at(-1).detail, /could not be understood.* which is kept: renova rescue acme$/);
    const { answer, answered_at, generation, remedy } = await admin.do({
      action: 'rescue',
      credential: 'acme',
    });
    assert.equal(answer, body);
    assert.equal(
      answered_at,
      new Date((await admin.record('acme')).aside.unreadable?.atMs ?? 0).toISOString(),
    );
    assert.equal(generation, 0);
    assert.match(remedy, /rescue --adopt, .*renova reseed acme$/);
  });

  it('has nothing to show of a healthy credential, nor after a reseed', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play({ kind: 'garbled', body: new Secret(body) });
    await admin.register('acme');
    const refresh_token = admin.world.provider.login().reveal();
    await admin.do({ action: 'reseed', credential: 'acme', refresh_token });
    await admin.register('beta');
    for (const credential of ['acme', 'beta']) {
      const error = await admin.refused({ action: 'rescue', credential }, 'nothing-to-rescue');
      assert.match(error.remedy ?? '', new RegExp(`renova status ${credential}$`));
    }
    await admin.refused({ action: 'rescue', credential: 'nobody' }, 'unknown-credential');
    await admin.refused({ action: 'rescue' }, 'invalid-request');
  });
});

describe('rotate-seal', () => {
  it('seals what there is anew, and says how many keys each ring has', async () => {
    const admin = new AdminWorld();
    const { world } = admin;
    const { secrets, names, clock, timing } = world;
    for (const ring of [names.accessRing, names.refreshRing]) await secrets.create(ring, newKeyRing('k1'));
    const ofNames = { access: names.accessRing, refresh: names.refreshRing };
    const sealer = world.busy.watch(new JweSealer(secrets, ofNames, clock));
    const publication = new Publication(secrets, names, sealer, clock, timing.dayMs);
    admin.container = { ...world.newContainer(), sealer, publication };
    for (const id of ['acme', 'beta', 'gone']) await admin.register(id);
    await admin.do({ action: 'remove', credential: 'gone' });
    const before = await admin.record('acme');

    const { resealed, rings } = await admin.do({ action: 'rotate-seal' });

    assert.equal(resealed, 2);
    assert.deepEqual(Object.keys(rings), ['renova/prd/seal/access', 'renova/prd/seal/refresh']);
    for (const kids of Object.values<string[]>(rings)) assert.deepEqual([kids.length, kids[0]], [2, 'k1']);
    const after = await admin.record('acme');
    assert.notEqual(after.pair?.sealedRefresh, before.pair?.sealedRefresh);
    assert.equal(
      (await admin.do({ action: 'refresh', credential: 'acme', force: true })).result,
      'refreshed',
    );
    assert.doesNotMatch(admin.said.join('\n'), /"k"|fake-(access|refresh)/);
  });

  it('is refused right after another, and says when it can be done', async () => {
    const admin = new AdminWorld();
    admin.context.refreshService.rotateSeal = async () => ({ resealed: 0, rings: {}, behind: true });
    const error = await admin.refused({ action: 'rotate-seal' }, 'rotated-just-now');
    assert.match(error.remedy ?? '', /wait 60 seconds, then: renova rotate-seal$/);
  });

  it('that the refresh function could not do is said, and nothing is lost', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await assert.rejects(admin.do({ action: 'rotate-seal' }), { code: 'refresh-service-unavailable' });
    assert.ok(await admin.world.chainLives('acme'));
  });
});
