import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deviceOutcomeOf } from '../../../shared/device-endpoint/device-answer.ts';
import { HttpsDeviceEndpoint } from '../../../shared/device-endpoint/https-device-endpoint.ts';
import { LoopbackDeviceEndpoint } from '../../../shared/device-endpoint/loopback-device-endpoint.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { classifyAnswer } from '../../../shared/token-endpoint/answer/token-response.ts';
import { ManualClock } from '../../support/fakes/manual-clock.ts';

const WHOLE = {
  device_code: 'fake-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://provider.example/device',
  expires_in: 1800,
  interval: 10,
};
const answered = (status: number, body: unknown) =>
  deviceOutcomeOf({ status, headers: {}, body: Buffer.from(JSON.stringify(body)) }, 0);

describe('an answer of the device authorization endpoint', () => {
  it('gives the codes, and the usual times where it states none', () => {
    assert.deepEqual(answered(200, { ...WHOLE, more: 1 }), { kind: 'asked', codes: WHOLE });
    const { expires_in: _, interval: __, verification_uri, ...rest } = WHOLE;
    // Google's name for the page, and numbers as text.
    const draft = { ...rest, verification_url: verification_uri, interval: '7' };
    assert.deepEqual(answered(200, draft), {
      kind: 'asked',
      codes: { ...rest, verification_uri, expires_in: 300, interval: 7 },
    });
  });

  it('is a refusal when something in it can be shown to nobody', () => {
    const wrong: readonly object[] = [
      { user_code: 'AB\u001b[2J' },
      { user_code: '' },
      { user_code: 'A'.repeat(65) },
      { verification_uri: 'javascript:alert(1)' },
      { verification_uri: 'http://provider.example/device' },
      { verification_uri: undefined },
      { device_code: 7 },
      { interval: -1 },
    ];
    for (const more of wrong) {
      assert.equal(answered(200, { ...WHOLE, ...more }).kind, 'refused', JSON.stringify(more));
    }
    // A link with the code in it is a convenience: without it the person types.
    const outcome = answered(200, { ...WHOLE, verification_uri_complete: 'javascript:alert(1)' });
    assert.deepEqual(outcome, { kind: 'asked', codes: WHOLE });
  });

  it('is a refusal by the code of its error, and never by a text of the provider', () => {
    const refused = (outcome: string, reason: string) => ({ kind: 'refused', outcome, reason });
    const unknownClient = { error: 'invalid_client', error_description: 'fake-sentinel' };
    assert.deepEqual(answered(401, unknownClient), refused('refused-client', 'invalid_client'));
    assert.deepEqual(answered(429, {}), refused('throttled', 'http-429'));
    assert.deepEqual(answered(404, {}), refused('refused', 'http-404'));
    assert.deepEqual(answered(200, '<html>'), refused('unknown', 'not-json'));
  });
});

describe('a device', () => {
  const code = { deviceCode: new Secret('fake-device-code') };
  const told = (error: string, request: object) =>
    classifyAnswer({ status: 400, headers: {}, body: Buffer.from(JSON.stringify({ error })) }, 0, request);

  it('that is told to ask more slowly closes nobody’s quota', () => {
    assert.deepEqual(told('slow_down', { code }), { kind: 'unknown', reason: 'slow_down' });
    assert.deepEqual(told('authorization_pending', { code }), {
      kind: 'unknown',
      reason: 'authorization_pending',
    });
    assert.equal(told('slow_down', {}).kind, 'throttled');
  });

  it('of the local stack asks this machine alone', async () => {
    const endpoint = new LoopbackDeviceEndpoint(new HttpsDeviceEndpoint(new ManualClock()));
    const request = {
      deviceUrl: 'https://provider.example/device',
      clientAuth: 'none',
      client: { clientId: 'fake-client-id' },
      extra: {},
    } as const;
    const outcome = await endpoint.ask(request, { sendByMs: 0, answerByMs: 0 });
    assert.deepEqual(outcome, { kind: 'refused', outcome: 'refused-client', reason: 'remote-provider' });
  });
});
