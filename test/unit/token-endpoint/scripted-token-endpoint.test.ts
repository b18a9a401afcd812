import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';
import { ScriptedTokenEndpoint } from '../../support/fakes/scripted-token-endpoint.ts';
import { SECRETS, tokenRequest } from './fixtures.ts';

const REFUSED: Outcome = { kind: 'refused-grant', reason: 'invalid_grant' };
const LATE: Outcome = { kind: 'unknown', reason: 'answer-deadline' };
const TOO_LATE_TO_SEND: Outcome = { kind: 'not-sent', reason: 'send-deadline' };
const UNREACHABLE: Outcome = { kind: 'not-sent', reason: 'ECONNREFUSED' };
const LIMITS = { sendByMs: 1000, answerByMs: 5000 };

test('the script is played in order, then the rule for the rest', async () => {
  const endpoint = new ScriptedTokenEndpoint({ clock: new ManualClock() });
  endpoint.play({ kind: 'throttled' }, REFUSED);
  endpoint.playAlways({ kind: 'unknown', reason: 'http-503' });

  const kinds: string[] = [];
  for (let i = 0; i < 4; i++) kinds.push((await endpoint.post(tokenRequest(), LIMITS)).kind);

  assert.deepEqual(kinds, ['throttled', 'refused-grant', 'unknown', 'unknown']);
});

test('a provider is asked with the request that reached it', async () => {
  const clock = new ManualClock();
  const endpoint = new ScriptedTokenEndpoint({ clock });
  endpoint.play((request) => ({
    kind: 'refused-client',
    reason: `missing-${request.refreshToken?.reveal()}`,
  }));
  await clock.advance(10);

  const outcome = await endpoint.post(tokenRequest(), LIMITS);

  assert.deepEqual(outcome, { kind: 'refused-client', reason: `missing-${SECRETS.refreshToken}` });
  assert.deepEqual(
    endpoint.received.map(({ atMs }) => atMs),
    [10],
  );
});

test('a request that is scripted as not sent does not reach the provider', async () => {
  const endpoint = new ScriptedTokenEndpoint({ clock: new ManualClock() });
  endpoint.play(UNREACHABLE);

  assert.deepEqual(await endpoint.post(tokenRequest(), LIMITS), UNREACHABLE);
  assert.equal(endpoint.received.length, 0);
});

for (const [connectMs, outcome, received] of [
  [999, REFUSED, 1],
  [1000, TOO_LATE_TO_SEND, 0],
  [1001, TOO_LATE_TO_SEND, 0],
] as const) {
  test(`with a send deadline at 1000 ms, a connection that takes ${connectMs} ms is ${outcome.kind}`, async () => {
    const clock = new ManualClock();
    const endpoint = new ScriptedTokenEndpoint({ clock, connectMs });
    endpoint.play(REFUSED);

    const post = endpoint.post(tokenRequest(), LIMITS);
    await clock.advance(2000);

    assert.deepEqual(await post, outcome);
    assert.equal(endpoint.received.length, received);
  });
}

test('a held answer arrives when it is released', async () => {
  const clock = new ManualClock();
  const endpoint = new ScriptedTokenEndpoint({ clock });
  const held = endpoint.playHeld(REFUSED);

  const post = endpoint.post(tokenRequest(), LIMITS);
  await held.arrived;
  await clock.advance(4999);
  held.release();

  assert.deepEqual(await post, REFUSED);
  assert.equal(clock.sleeping, 0);
});

test('a held answer is given up at the deadline, and what the provider did stays done', async () => {
  const clock = new ManualClock();
  const endpoint = new ScriptedTokenEndpoint({ clock });
  let rotated = 0;
  const held = endpoint.playHeld(() => {
    rotated += 1;
    return REFUSED;
  });

  const post = endpoint.post(tokenRequest(), LIMITS);
  await held.arrived;
  await clock.advance(5000);
  held.release();

  assert.deepEqual(await post, LATE);
  assert.equal(rotated, 1);
});

test('a post that nobody scripted fails the test', async () => {
  const endpoint = new ScriptedTokenEndpoint({ clock: new ManualClock() });
  await assert.rejects(endpoint.post(tokenRequest(), LIMITS), /no step is left/);
});
