import { writeSync } from 'node:fs';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { DynamoDbTable } from '../../shared/table/dynamodb-table.ts';
import { HttpsTokenEndpoint } from '../../shared/token-endpoint/https-token-endpoint.ts';

/**
 * Loaded before anything else into a process of the refresh function (`--import`), and into those that it starts: at
 * one step of their refresh, some records do what no record should be able to do.
 */
export interface Upset {
  readonly kind: 'abort' | 'hang' | 'memory' | 'throw';
  readonly step: 'load' | 'post' | 'answered';
}

export interface UpsetVariables {
  /** JSON: what each of these credentials does. */
  readonly UPSETS: string;
  /** So much later it is than the machine says. */
  readonly UPSET_OFFSET_MS: string;
}

const { UPSETS = '{}', UPSET_OFFSET_MS = '0' } = process.env;
const upsets = JSON.parse(UPSETS) as Readonly<Record<string, Upset>>;
const offsetMs = Number(UPSET_OFFSET_MS);
const { nowMs } = systemClock;
Object.assign(systemClock, { nowMs: () => nowMs() + offsetMs });

function reached(credential: string, step: Upset['step']): void {
  const upset = Object.hasOwn(upsets, credential) ? upsets[credential] : undefined;
  if (upset?.step !== step) return;
  writeSync(2, `upset by ${credential}\n`);
  switch (upset.kind) {
    case 'abort':
      process.abort();
      break;
    case 'hang':
      for (;;);
    case 'memory': {
      const kept: string[][] = [];
      for (;;) kept.push(Array.from({ length: 100_000 }, (_, n) => `${n}`));
    }
    case 'throw':
      throw undefined;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: methods of any signature are wrapped
type Method = (...args: any[]) => Promise<unknown>;

function around(
  prototype: object,
  method: string,
  wrapped: (call: Method, first: unknown) => Promise<unknown>,
) {
  const original: Method = Reflect.get(prototype, method);
  Reflect.set(prototype, method, function (this: object, ...args: unknown[]) {
    return wrapped(() => original.apply(this, args), args[0]);
  });
}

around(DynamoDbTable.prototype, 'load', async (load, key) => {
  reached(String(key), 'load');
  return load();
});
around(HttpsTokenEndpoint.prototype, 'post', async (post, request) => {
  const [, credential = ''] = /fake-client-([\w-]+)/.exec(JSON.stringify(request)) ?? [];
  reached(credential, 'post');
  const outcome = await post();
  reached(credential, 'answered');
  return outcome;
});
