import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { applyTransition } from '../../../shared/credential/apply-transition.ts';
import { unreadableAnswersOf } from '../../../shared/credential/credential.ts';
import { keepUnreadable } from '../../../shared/credential/transitions/notes.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { AdminWorld } from './admin-world.ts';

const place = 'data.tokens.renewal';
const adopt = { action: 'rescue', credential: 'acme', adopt: true, refresh_token_at: place };

/** A credential whose provider has answered with a pair under names that nobody knows. */
async function withUnreadableAnswer(token?: Secret): Promise<{ admin: AdminWorld; token: Secret }> {
  const admin = new AdminWorld();
  await admin.register('acme');
  const successor = token ?? admin.world.provider.login();
  const tokens = { renewal: successor.reveal(), key: 'fake-sentinel-key' };
  const body = new Secret(JSON.stringify({ status: 'ok', data: { tokens } }));
  admin.world.endpoint.play({ kind: 'garbled', body });
  await admin.world.refresh('acme', { force: true });
  assert.equal((await admin.record('acme')).lapse?.reason, 'answer-unreadable');
  return { admin, token: successor };
}

describe('taking over what an unreadable answer holds', () => {
  it('brings the chain back by one command, and shows nothing of the answer', async () => {
    const { admin, token } = await withUnreadableAnswer();
    assert.deepEqual(await admin.do({ ...adopt, check: true }), { credential: 'acme', checked: true });
    const answer = await admin.do(adopt);
    assert.deepEqual(
      answer.steps.map(({ step, ok }: { step: string; ok: boolean }) => [step, ok]),
      [
        ['refresh token of the answer kept', true],
        ['first refresh', true],
      ],
    );
    assert.deepEqual([answer.state, answer.generation, answer.taken_back], ['active', 2, undefined]);
    assert.equal(admin.world.endpoint.received.at(-1)?.request.refreshToken?.reveal(), token.reveal());
    assert.ok(admin.world.provider.accepts(await admin.world.accessToken('acme')));
    await admin.refused({ ...adopt, check: true }, 'nothing-to-rescue');
    await admin.refused(adopt, 'nothing-to-rescue');
    assert.ok(!admin.said.join('\n').includes(token.reveal()));
    assert.doesNotMatch(admin.said.join('\n'), /sentinel/);
  });

  it('without a place, or with a wrong one, names the places and changes nothing', async () => {
    const { admin, token } = await withUnreadableAnswer();
    const before = await admin.record('acme');
    for (const refresh_token_at of [undefined, 'data.tokens.none', '/data/tokens']) {
      const error = await admin.refused({ ...adopt, refresh_token_at }, 'invalid-request');
      assert.equal(error.field, 'refresh_token_at');
      assert.match(error.message, /the answer has status, data\.tokens\.renewal, data\.tokens\.key\.$/);
    }
    await admin.refused({ ...adopt, refresh_token_at: 'a..b' }, 'invalid-request');
    await admin.refused({ ...adopt, adopt: false }, 'invalid-request');
    assert.deepEqual(await admin.record('acme'), before);
    assert.ok(!admin.said.join('\n').includes(token.reveal()));
  });

  it('with the place of something else is taken back, and can be done again', async () => {
    const { admin } = await withUnreadableAnswer();
    const wrong = await admin.do({ ...adopt, refresh_token_at: 'data.tokens.key' });
    assert.equal(wrong.steps.at(-1).ok, false);
    await admin.world.ticks(3);
    assert.equal((await admin.record('acme')).state, 'lapsed', 'the wrong one was refused twice');
    const right = await admin.do(adopt);
    assert.deepEqual([right.state, right.steps.at(-1).ok], ['active', true]);
  });

  it('is possible for the answer to a reseed whose chain went back', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const token = admin.world.provider.login();
    const body = new Secret(JSON.stringify({ data: { tokens: { renewal: token.reveal() } } }));
    admin.world.endpoint.play({ kind: 'garbled', body });
    const refresh_token = admin.world.provider.login().reveal();
    assert.equal((await admin.do({ action: 'reseed', credential: 'acme', refresh_token })).taken_back, true);
    await admin.world.ticks(5);
    assert.equal((await admin.do(adopt)).state, 'active');
    assert.equal(admin.world.provider.reused, 0);
  });

  it('finds the successor in the first answer after a second post brought another that nobody could read', async () => {
    const { admin, token } = await withUnreadableAnswer();
    const second = '{"access_token":"fake-cut-off';
    admin.world.endpoint.play({ kind: 'garbled', body: new Secret(second) });
    await admin.world.ticks(5);
    await admin.world.refresh('acme', { force: true });
    const { lapse, aside } = await admin.record('acme');
    assert.equal(lapse?.reason, 'answer-unreadable');
    const times = unreadableAnswersOf(aside).map(({ atMs }) => new Date(atMs).toISOString());

    const shown = await admin.do({ action: 'rescue', credential: 'acme' });
    assert.deepEqual([shown.answered_at, shown.answer], [times[1], second]);
    const [{ answered_at, answer }, ...others] = shown.earlier_answers;
    assert.deepEqual([answered_at, others], [times[0], []]);
    assert.ok(answer.includes(token.reveal()));
    assert.equal((await admin.do(adopt)).state, 'active');
    assert.ok(admin.world.provider.accepts(await admin.world.accessToken('acme')));
    await admin.refused({ action: 'rescue', credential: 'acme' }, 'nothing-to-rescue');
  });

  it('takes the latest answer that has a token there: its chain is the one that goes on', async () => {
    const { admin } = await withUnreadableAnswer();
    const successor = admin.world.provider.login();
    const body = JSON.stringify({ data: { tokens: { renewal: successor.reveal() } } });
    admin.world.endpoint.play({ kind: 'garbled', body: new Secret(body) });
    await admin.do(adopt);
    await admin.world.ticks(5);
    assert.equal((await admin.do(adopt)).state, 'active');
    assert.equal(admin.world.endpoint.received.at(-1)?.request.refreshToken?.reveal(), successor.reveal());
  });

  it('posts no token of a chain again that was gone back to and whose answer is kept', async () => {
    const { admin } = await withUnreadableAnswer();
    admin.world.endpoint.play({ kind: 'garbled', body: new Secret('{"access_token":"fake-cut-off') });
    const refresh_token = admin.world.provider.login().reveal();
    assert.equal((await admin.do({ action: 'reseed', credential: 'acme', refresh_token })).taken_back, true);
    const { length } = admin.world.endpoint.received;
    await admin.world.ticks(10);
    assert.equal(admin.world.endpoint.received.length, length);
    assert.equal((await admin.do(adopt)).state, 'active');
  });

  it('shows the others if the seal of one cannot be opened', async () => {
    const { admin, token } = await withUnreadableAnswer();
    const [seen] = unreadableAnswersOf((await admin.record('acme')).aside);
    assert.ok(seen);
    const unopenable = { ...seen, atMs: seen.atMs + 1, sealedBody: 'fake-of-a-lost-ring' };
    await applyTransition(admin.world.container, 'acme', (now) => keepUnreadable(now, unopenable));
    const { answer, earlier_answers } = await admin.do({ action: 'rescue', credential: 'acme' });
    assert.ok(answer.includes(token.reveal()));
    assert.equal(earlier_answers, undefined);
  });

  it('is refused while a refresh is in flight that does not end', async () => {
    const { admin } = await withUnreadableAnswer();
    await admin.world.ticks(5);
    const held = admin.world.endpoint.playHeld(admin.world.provider.answer);
    const other = admin.world.refresh('acme', { force: true }, admin.world.newContainer());
    await held.arrived;
    await admin.refused(adopt, 'refresh-in-flight');
    held.release();
    await other;
  });

  it('is refused where there is none', async () => {
    const admin = new AdminWorld();
    await admin.refused(adopt, 'unknown-credential');
    await admin.register('acme');
    await admin.refused(adopt, 'nothing-to-rescue');
  });
});
