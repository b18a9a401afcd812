import { Logger } from '@aws-lambda-powertools/logger';
import type { SQSEvent } from 'aws-lambda';
import { systemClock } from '../shared/clock/system-clock.ts';
import { deliver, type WebhookContext } from '../shared/webhook/deliver.ts';
import { SigningKeys } from '../shared/webhook/signing-keys.ts';
import type { BusEvent } from '../shared/webhook/webhook-message.ts';
import { readWebhookEnvironment } from './environment.ts';
import { powertoolsLog } from './powertools-log.ts';
import { secretsManagerClient } from './secrets-manager-client.ts';

const log = powertoolsLog(new Logger({ serviceName: 'renova-webhook' }));
let context: WebhookContext | undefined;

/** Delivers the events of a queue, one an invocation. One that fails is delivered again by the queue. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  context ??= contextOf(readWebhookEnvironment());
  for (const { body, attributes } of Records) {
    await deliver(JSON.parse(body) as BusEvent, Number(attributes.ApproximateReceiveCount), context);
  }
}

function contextOf({ url, secretName }: ReturnType<typeof readWebhookEnvironment>): WebhookContext {
  const client = secretsManagerClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 2500, throwOnRequestTimeout: true },
  });
  const keys = new SigningKeys(client, secretName, systemClock);
  return { url, signingKeys: () => keys.read(), clock: systemClock, log, fetch };
}
