import { createHmac } from 'node:crypto';
import { ALARM_TYPE } from '../config/webhook.ts';
import type { Secret } from '../secret/secret.ts';

/** An event of the default bus, as far as it is delivered. */
export interface BusEvent {
  readonly id: string;
  readonly 'detail-type': string;
  readonly time: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** What is posted to the receiver: headers and body. */
export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Delivery {
  readonly event: BusEvent;
  /** 1 for the first. */
  readonly attempt: number;
  /** When it is sent (epoch ms). */
  readonly nowMs: number;
  /** The current signing key, and the one before while receivers change over. */
  readonly keys: readonly Secret[];
}

/**
 * One delivery of an event, signed as Standard Webhooks says: the id stays the same from attempt to attempt, the time
 * is that of the attempt, and each key adds a signature of its own.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhookMessage({ event, attempt, nowMs, keys }: Delivery): WebhookMessage {
  const body = JSON.stringify({ type: event['detail-type'], timestamp: event.time, data: dataOf(event) });
  const seconds = String(Math.floor(nowMs / 1000));
  return {
    headers: {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': seconds,
      'webhook-attempt': String(attempt),
      'webhook-signature': keys.map((key) => signWebhook(key, [event.id, seconds, body])).join(' '),
    },
    body,
  };
}

/** One signature, as its header has it, over the parts that are joined by full stops. The key is base64. */
export function signWebhook(key: Secret, signed: readonly string[]): string {
  const bytes = Buffer.from(key.reveal(), 'base64');
  return `v1,${createHmac('sha256', bytes).update(signed.join('.')).digest('base64')}`;
}

/** The detail of Renova's own events as it is; of an alarm what says which one, and how it stands. */
function dataOf({ 'detail-type': type, detail }: BusEvent): object {
  if (type !== ALARM_TYPE) return detail;
  const { alarmName, state, previousState, configuration } = detail as Readonly<
    Record<string, Partial<Alarm>>
  >;
  return {
    alarm: alarmName,
    state: state?.value,
    previous_state: previousState?.value,
    reason: state?.reason,
    description: configuration?.description,
  };
}

interface Alarm {
  readonly value: string;
  readonly reason: string;
  readonly description: string;
}
