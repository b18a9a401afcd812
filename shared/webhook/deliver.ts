import type { Clock } from '../clock/clock.ts';
import { VERSION } from '../config/version.ts';
import type { Log } from '../log/log.ts';
import type { Secret } from '../secret/secret.ts';
import { type BusEvent, webhookMessage } from './webhook-message.ts';

/** The receiver did not take an event. The queue delivers it again. */
export class UndeliveredError extends Error {
  readonly code = 'undelivered';
  override readonly name = 'UndeliveredError';
  /** `http-503`, or the code of what kept the request from being answered. */
  readonly reason: string;

  constructor(reason: string) {
    super('The receiver of the webhook did not answer with 2xx; it is tried again.');
    this.reason = reason;
  }
}

export interface WebhookContext {
  readonly url: string;
  /** The current key first. Rejects when the vault is unavailable. */
  readonly signingKeys: () => Promise<readonly Secret[]>;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof fetch;
}

/** A receiver that takes longer is asked again. */
const LONGEST_MS = 10_000;

/**
 * Posts one event to the receiver. Any 2xx is a receipt, and nothing else of the answer is looked at; a redirect is
 * none, because the receiver is the one that was configured. Rejects with {@link UndeliveredError}.
 */
export async function deliver(event: BusEvent, attempt: number, context: WebhookContext): Promise<void> {
  const { url, signingKeys, clock, log } = context;
  const keys = await signingKeys();
  const { headers, body } = webhookMessage({ event, attempt, nowMs: clock.nowMs(), keys });
  const reason = await post(context.fetch, url, {
    method: 'POST',
    headers: { ...headers, 'user-agent': `renova/${VERSION}` },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(LONGEST_MS),
  });
  const fields = { event: event.id, type: event['detail-type'], attempt };
  if (reason === undefined) {
    log.info('webhook delivered', fields);
    return;
  }
  log.warn('webhook not delivered', { ...fields, reason });
  throw new UndeliveredError(reason);
}

/** Why the request was not taken; undefined when it was. */
async function post(send: typeof fetch, url: string, request: RequestInit): Promise<string | undefined> {
  try {
    const answer = await send(url, request);
    await answer.body?.cancel();
    return answer.ok ? undefined : `http-${answer.status}`;
  } catch (error) {
    const { name, cause } = error as { readonly name: string; readonly cause?: { readonly code?: unknown } };
    return typeof cause?.code === 'string' ? cause.code : name;
  }
}
