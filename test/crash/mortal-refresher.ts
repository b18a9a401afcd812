import { writeSync } from 'node:fs';
import { handler } from '../../functions/refresh.ts';
import { FUNCTIONS } from '../../shared/config/functions.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { EventBridgeEventPublisher } from '../../shared/events/eventbridge-event-publisher.ts';
import { SecretsManagerSecretStore } from '../../shared/secret-store/secrets-manager-secret-store.ts';
import { DynamoDbTable } from '../../shared/table/dynamodb-table.ts';
import { HttpsTokenEndpoint } from '../../shared/token-endpoint/https-token-endpoint.ts';
import { transitionName } from './transition-name.ts';

/**
 * A container of the refresh function as a process of its own that says what it is about to do: each call of a
 * store or of the provider is a line in descriptor 3, written before the call is made, so that whoever kills it
 * knows where. A message `{credential, holdAt}` is a forced refresh that stands still for a moment once it has said
 * `holdAt`; `ready` and `done` are lines too.
 */
export interface MortalMessage {
  readonly credential: string;
  readonly holdAt?: string;
}

const SAID = 3;
const FUNCTION_MS = FUNCTIONS.refresh.timeoutSeconds * 1000;

/** Long enough to be killed in. */
const HOLD_MS = 200;
let holdAt: string | undefined;
let known: CredentialRecord | undefined;
let hasPosted = false;

function say(line: string): void {
  writeSync(SAID, `${line}\n`);
  if (line !== holdAt) return;
  holdAt = undefined;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HOLD_MS);
}

// biome-ignore lint/suspicious/noExplicitAny: methods of any signature are wrapped
type Method = (...args: any[]) => Promise<unknown>;

/** Says `label(arguments)` before each call of the method, and `… ok` when it has been answered. */
function announce(prototype: object, method: string, label: (...args: unknown[]) => string): void {
  const original: Method = Reflect.get(prototype, method);
  Reflect.set(prototype, method, async function (this: object, ...args: unknown[]) {
    const what = label(...args);
    say(what);
    const answer = await original.apply(this, args);
    say(`${what}, answered`);
    return answer;
  });
}

const isRecord = (item: unknown): item is CredentialRecord =>
  typeof item === 'object' && item !== null && 'credential' in item;
const secretKind = (name: unknown) =>
  String(name)
    .split('/')
    .slice(2)
    .join('/')
    .replace(/^[^/]+\/(?=client|rescue|token)/, '')
    .replace(/\d+$/, '');

const quotaStep = (operation: string) => `quota ${hasPosted ? 'settle' : 'acquire'} ${operation}`;

announce(DynamoDbTable.prototype, 'load', (key) =>
  String(key).startsWith('quota-of-') ? quotaStep('load') : 'ledger load',
);
announce(DynamoDbTable.prototype, 'save', (item) => {
  if (!isRecord(item)) return quotaStep('save');
  const what = known ? transitionName(known, item) : item.attempt ? 'begin refresh' : 'note';
  known = item;
  return `ledger ${what}`;
});
announce(SecretsManagerSecretStore.prototype, 'get', (name) => `vault get ${secretKind(name)}`);
announce(SecretsManagerSecretStore.prototype, 'put', (name) => `vault put ${secretKind(name)}`);
announce(SecretsManagerSecretStore.prototype, 'create', (name) => `vault create ${secretKind(name)}`);
announce(HttpsTokenEndpoint.prototype, 'post', () => {
  hasPosted = true;
  return 'provider post';
});
announce(EventBridgeEventPublisher.prototype, 'publish', () => 'bus publish');

process.on('disconnect', () => process.exit(0));
process.on('message', async ({ credential, holdAt: line }: MortalMessage) => {
  const endsAtMs = performance.now() + FUNCTION_MS;
  const lambda = {
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:mortal-refresher',
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - performance.now()),
  };
  [known, hasPosted, holdAt] = [undefined, false, line];
  const event = { action: 'refresh', credential, force: true, wait_ms: 5000 };
  await handler(event, lambda as Parameters<typeof handler>[1]).catch(() => undefined);
  say('done');
});
say('ready');
