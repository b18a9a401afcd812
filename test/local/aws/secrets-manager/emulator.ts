import assert from 'node:assert/strict';
import {
  createSecretsManager,
  type JournalEntry,
} from '../../../../local/aws/secrets-manager/secrets-manager.ts';
import type { Journal } from '../../../../local/data/journal/journal.ts';
import { ManualClock } from '../../../support/fakes/manual-clock.ts';

/** The wire's JSON, loosely: tests look into it member by member. */
export type Json = { [member: string]: unknown };

export const DAY_MS = 24 * 60 * 60 * 1000;
export const REGION = 'us-west-2';

/** Makes every ARN end in `-a1b2c3`, as in the service's own examples. */
const EXAMPLE_SUFFIX_BYTES = [26, 53, 27, 54, 28, 55];

/** The emulator in virtual time that starts at the date of the service's own examples. */
export function startEmulator(options: { journal?: Journal<JournalEntry>; clock?: ManualClock } = {}) {
  const clock = options.clock ?? new ManualClock(1_523_477_145_713);
  const service = createSecretsManager({
    clock,
    dayMs: DAY_MS,
    journal: options.journal,
    random: (bytes) =>
      Buffer.from(Array.from({ length: bytes }, (_, at) => EXAMPLE_SUFFIX_BYTES[at % 6] ?? 0)),
  });

  const call = (operation: string, input: unknown, region = REGION) => {
    const { status, body } = service.handle(operation, input, region);
    return { status, body: throughTheWire(body) };
  };

  return {
    clock,
    service,
    call,
    /** The body of a request that must succeed. */
    ok(operation: string, input: Json = {}): Json {
      const { status, body } = call(operation, input);
      assert.equal(status, 200, `${operation}: ${JSON.stringify(body)}`);
      return body;
    },
    /** The error type and message of a request that must be refused with HTTP 400. */
    refused(operation: string, input: unknown): { type: unknown; message: string } {
      const { status, body } = call(operation, input);
      assert.equal(status, 400, `${operation}: ${JSON.stringify(body)}`);
      assert.equal(typeof body.Message, 'string');
      return { type: body.__type, message: String(body.Message) };
    },
  };
}

/** A different version id for each number, long enough for a ClientRequestToken. */
export function versionIdOf(n: number): string {
  return `fake-version-${String(n).padStart(20, '0')}`;
}

function throughTheWire(body: object): Json {
  return JSON.parse(JSON.stringify(body));
}
