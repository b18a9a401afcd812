import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import { signWebhook, webhookMessage } from '../../../shared/webhook/webhook-message.ts';

const KEY = new Secret('ZmFrZS13ZWJob29rLWtleS0xLWZha2Utd2ViaG9vay1rZXktMQ==');
const OTHER_KEY = new Secret('ZmFrZS13ZWJob29rLWtleS0yLWZha2Utd2ViaG9vay1rZXktMg==');
const EVENT = {
  id: 'a1b2c3d4-0000-4000-8000-000000000001',
  'detail-type': 'Credential Lapsed',
  time: '2026-11-28T12:00:00Z',
  detail: { environment: 'prd', credential: 'acme', reason: 'grant-refused' },
};
const NOW_MS = Date.parse('2026-11-28T12:00:07.900Z');

describe('a webhook', () => {
  it('says what happened, with an id, a time and the number of the attempt', () => {
    const { headers, body } = webhookMessage({ event: EVENT, attempt: 3, nowMs: NOW_MS, keys: [KEY] });
    assert.deepEqual(JSON.parse(body), {
      type: 'Credential Lapsed',
      timestamp: '2026-11-28T12:00:00Z',
      data: EVENT.detail,
    });
    const { 'webhook-signature': signature, ...others } = headers;
    assert.deepEqual(others, {
      'content-type': 'application/json',
      'webhook-id': EVENT.id,
      'webhook-timestamp': String(Math.floor(NOW_MS / 1000)),
      'webhook-attempt': '3',
    });
    assert.match(String(signature), /^v1,[A-Za-z0-9+/]{43}=$/);
  });

  it('is signed by each key over id, time and body, as a receiver checks it', () => {
    const { headers, body } = webhookMessage({
      event: EVENT,
      attempt: 1,
      nowMs: NOW_MS,
      keys: [KEY, OTHER_KEY],
    });
    const expected = [KEY, OTHER_KEY].map((key) => {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      const bytes = Buffer.from(key.reveal(), 'base64');
      return `v1,${createHmac('sha256', bytes).update(signed).digest('base64')}`;
    });
    assert.deepEqual(headers['webhook-signature']?.split(' '), expected);
  });

  it('keeps its id from attempt to attempt, and takes the time of each', () => {
    const [first, second] = [0, 180_000].map((laterMs, at) =>
      webhookMessage({ event: EVENT, attempt: at + 1, nowMs: NOW_MS + laterMs, keys: [KEY] }),
    );
    assert.equal(first?.headers['webhook-id'], second?.headers['webhook-id']);
    assert.equal(first?.body, second?.body);
    assert.equal(
      Number(second?.headers['webhook-timestamp']) - Number(first?.headers['webhook-timestamp']),
      180,
    );
    assert.notEqual(first?.headers['webhook-signature'], second?.headers['webhook-signature']);
  });

  it('of an alarm says which one, how it stands, and what to do', () => {
    const { body } = webhookMessage({
      event: {
        ...EVENT,
        'detail-type': 'CloudWatch Alarm State Change',
        detail: {
          alarmName: 'renova-prd-silence',
          state: { value: 'ALARM', reason: 'Threshold Crossed', reasonData: '{}' },
          previousState: { value: 'OK' },
          configuration: { description: 'No tick has reported.', metrics: [] },
        },
      },
      attempt: 1,
      nowMs: NOW_MS,
      keys: [KEY],
    });
    assert.deepEqual((JSON.parse(body) as { data: object }).data, {
      alarm: 'renova-prd-silence',
      state: 'ALARM',
      previous_state: 'OK',
      reason: 'Threshold Crossed',
      description: 'No tick has reported.',
    });
  });

  it('signs what the libraries of Standard Webhooks sign', () => {
    // The example of their specification and of their libraries' tests.
    const key = new Secret('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    assert.equal(
      signWebhook(key, ['msg_p5jXN8AQM9LWM0D4loKWxJek', '1614265330', '{"test": 2432232314}']),
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });
});
