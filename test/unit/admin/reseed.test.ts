import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import { failing } from '../../support/world.ts';
import { AdminWorld, CLIENT } from './admin-world.ts';

const reseed = (admin: AdminWorld, more: object = {}) => ({
  action: 'reseed',
  credential: 'acme',
  refresh_token: admin.world.provider.login().reveal(),
  ...more,
});

describe('giving a credential a new chain', () => {
  it('goes on with its generations, and tells step by step', async () => {
    const admin = new AdminWorld();
    const first = await admin.register('acme');
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    const answer = await admin.do(reseed(admin));
    assert.deepEqual(
      answer.steps.map(({ step, ok }: { step: string; ok: boolean }) => [step, ok]),
      [
        ['refresh token kept', true],
        ['first refresh', true],
      ],
    );
    assert.equal(answer.generation, 3);
    assert.equal(answer.published_generation, 3);
    assert.notEqual(answer.chain, first.chain);
    assert.ok(admin.world.provider.accepts(await admin.world.accessToken('acme')));
    await admin.world.ticks(10);
    assert.equal(admin.world.provider.reused, 0, 'the old chain is not tried any more');
  });

  it('makes a lapsed credential active, and its end and its failures are gone', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { refresh_token: 'fake-spent' });
    assert.ok((await admin.record('acme')).lapse);
    const answer = await admin.do(reseed(admin));
    assert.equal(answer.state, 'active');
    const { lapse, failure, doubt, aside } = await admin.record('acme');
    assert.deepEqual([lapse, failure, doubt, aside.unreadable], Array(4).fill(undefined));
  });

  it('forgets failures of the old chain, doubt and quiet time too', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    admin.world.endpoint.play({ kind: 'unknown', reason: 'http-503' });
    await admin.world.refresh('acme', { force: true });
    const failed = await admin.record('acme');
    assert.ok(failed.failure && failed.doubt?.sinceMs && failed.doubt?.quietUntilMs);
    const answer = await admin.do(reseed(admin));
    assert.equal(answer.failing_since, undefined);
    assert.equal(answer.generation, 2);
  });

  it('changes the client secret with it, when one is given', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const client = { client_secret: 'fake-sentinel-2' };
    const answer = await admin.do(reseed(admin, { client }));
    assert.equal(answer.steps[0].step, 'client secret changed');
    assert.deepEqual(await admin.client('acme'), { ...CLIENT, ...client });
    assert.equal(
      admin.world.endpoint.received.at(-1)?.request.client.clientSecret?.reveal(),
      'fake-sentinel-2',
    );
    assert.doesNotMatch(admin.said.join('\n'), /sentinel/);
  });

  it('with a spent token says so, and goes on with the chain that it had', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { scope: 'fake-scope', client_auth: 'basic' });
    const before = await admin.record('acme');
    const answer = await admin.do(reseed(admin, { refresh_token: 'fake-spent' }));
    assert.equal(answer.state, 'active');
    assert.deepEqual([answer.steps.at(-1).step, answer.steps.at(-1).ok], ['first refresh', false]);
    assert.match(
      answer.steps.at(-1).detail,
      /does not take this refresh token.*goes on with the chain that it had.*renova reseed acme$/,
    );
    const after = await admin.record('acme');
    for (const member of [
      'chain',
      'pair',
      'scope',
      'clientAuth',
      'tokenUrl',
      'mode',
      'publish',
      'quota',
      'publication',
      'generation',
    ] as const) {
      assert.deepEqual(after[member], before[member], member);
    }
    assert.deepEqual(await admin.client('acme'), CLIENT);
    assert.equal((await admin.do(reseed(admin))).state, 'active', 'and a good one fixes it');
  });

  it('waits for a refresh in flight, and is refused when that does not end, with when to try again', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.world.clock.advance(150_000);
    const answer = admin.world.endpoint.playHeld(admin.world.provider.answer);
    const refreshing = admin.world.refresh('acme', {}, admin.world.newContainer());
    await answer.arrived;
    const before = await admin.record('acme');
    const request = reseed(admin, { refresh_token: 'fake-mistyped' });
    const error = await admin.refused(request, 'refresh-in-flight');
    assert.match(error.remedy ?? '', /^Try again in \d+ s at the latest, .*: renova reseed acme$/);
    assert.deepEqual(await admin.record('acme'), before);

    const reseeding = admin.do(request);
    answer.release();
    await refreshing;
    assert.equal((await reseeding).steps.at(-1).ok, false);
    assert.ok(await admin.world.chainLives('acme'), 'the mistyped token cost nothing');
  });

  it('spends no code and no login while a refresh is in flight', async () => {
    for (const given of ['code', 'login'] as const) {
      const admin = new AdminWorld();
      await admin.register('acme');
      await admin.world.clock.advance(150_000);
      const held = admin.world.endpoint.playHeld(admin.world.provider.answer);
      const refreshing = admin.world.refresh('acme', {}, admin.world.newContainer());
      await held.arrived;
      const posts = admin.world.endpoint.received.length;
      const code = {
        code: 'fake-code',
        redirect_uri: 'http://127.0.0.1:1/callback',
        code_verifier: 'fake-verifier',
      };
      const error = await admin.refused(
        given === 'code'
          ? { action: 'reseed', credential: 'acme', code }
          : {
              action: 'reseed',
              credential: 'acme',
              client: { username: 'fake-user', password: 'fake-password' },
            },
        'refresh-in-flight',
      );
      assert.match(
        error.remedy ?? '',
        given === 'code'
          ? /^Log in again in \d+ s at the latest: renova login acme --reseed$/
          : /^Try again in \d+ s at the latest: renova reseed acme$/,
      );
      assert.equal(admin.world.endpoint.received.length, posts);
      held.release();
      await refreshing;
    }
  });

  it('says of a lapsed credential that it has lapsed as before, and of a kept answer how to see it', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { refresh_token: 'fake-spent' });
    const answer = await admin.do(reseed(admin, { refresh_token: 'fake-spent-too' }));
    assert.deepEqual([answer.state, answer.taken_back], ['active', undefined]);
    assert.match(
      answer.steps.at(-1).detail,
      /does not take .* asks again in .*two minutes\. .*renova reseed acme$/,
    );
    await admin.world.ticks(3);
    assert.equal((await admin.record('acme')).state, 'lapsed', 'as before');

    await admin.register('beta');
    const body = new Secret('{"access_token":"fake-access-1","refresh_tok');
    admin.world.endpoint.play({ kind: 'garbled', body });
    const kept = await admin.do(reseed(admin, { credential: 'beta' }));
    assert.match(kept.steps.at(-1).detail, /could not be understood, and is kept; .*renova rescue beta$/);
    assert.equal((await admin.do({ action: 'rescue', credential: 'beta' })).answer, body.reveal());
  });

  it('without a token, or with something else, changes nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const before = await admin.record('acme');
    const wrong: readonly [field: string, more: object][] = [
      ['refresh_token', { refresh_token: undefined }],
      ['refresh_token', { refresh_token: '' }],
      ['refresh_token', { refresh_token: ['fake-sentinel'] }],
      ['refresh_token', { refresh_token: 'fake-sentinel\n' }],
      ['scope', { scope: 'fake-other' }],
      ['client.fake', { client: { fake: 'fake-sentinel' } }],
    ];
    for (const [field, more] of wrong) {
      const error = await admin.refused(reseed(admin, more), 'invalid-request');
      assert.equal(error.field, field);
    }
    assert.deepEqual(await admin.record('acme'), before);
    assert.deepEqual(await admin.client('acme'), CLIENT);
    assert.doesNotMatch(admin.said.join('\n'), /sentinel/);
  });

  it('is refused for what is unknown or removed', async () => {
    const admin = new AdminWorld();
    await admin.refused(reseed(admin), 'unknown-credential');
    await admin.register('acme');
    await admin.do({ action: 'remove', credential: 'acme' });
    await admin.refused(reseed(admin, { client: CLIENT }), 'unknown-credential');
    assert.deepEqual(admin.world.secrets.names(), []);
  });

  it('can be done again with the same token when the ledger failed before it was kept', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const request = reseed(admin);
    admin.world.fault = failing('ledger', 'save', 'before');
    await assert.rejects(admin.do(request));
    const answer = await admin.do(request);
    assert.deepEqual([answer.state, answer.generation], ['active', 2]);
  });
});
