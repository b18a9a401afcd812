import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { OPERATIONS } from '../../../../local/aws/secrets-manager/operations.ts';
import { type Json, startEmulator } from './emulator.ts';

/**
 * Requests and answers from the service's API reference. `"*"` stands for any value in an answer. Times and
 * random characters are the examples' own; the account is the emulator's.
 */
interface CorpusFile {
  /** The page that the cases of this file follow. */
  readonly source: string;
  readonly cases: readonly {
    readonly name: string;
    /** Another page, where a rule of this case stands. */
    readonly source?: string;
    readonly steps: readonly Step[];
  }[];
}

interface Step {
  readonly operation: string;
  readonly input: unknown;
  /** Time that passes first. */
  readonly afterSeconds?: number;
  /** Left out for a step that only prepares, and must succeed. */
  readonly status?: number;
  readonly body?: Json;
}

const folder = new URL('./corpus/', import.meta.url);
const files = readdirSync(folder).map((file) => ({
  file,
  corpus: JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as CorpusFile,
}));

describe('Secrets Manager answers as its API reference says', () => {
  for (const { file, corpus } of files) {
    describe(file, () => {
      for (const { name, source = corpus.source, steps } of corpus.cases) {
        it(name, async () => {
          assert.match(source, /^https:\/\/docs\.aws\.amazon\.com\//, 'every case names its page');
          const { call, clock } = startEmulator();
          let compared = 0;
          for (const { operation, input, afterSeconds = 0, status = 200, body } of steps) {
            await clock.advance(afterSeconds * 1000);
            const answer = call(operation, input);
            assert.equal(answer.status, status, `${operation}: ${JSON.stringify(answer.body)}`);
            if (!body) continue;
            compared++;
            assert.deepEqual(withWildcards(answer.body, body), body, operation);
          }
          assert.ok(compared > 0, 'a case must expect something');
        });
      }
    });
  }

  it('has cases for every operation', () => {
    const called = files.flatMap(({ corpus }) =>
      corpus.cases.flatMap(({ steps }) => steps.filter(({ body }) => body).map(({ operation }) => operation)),
    );
    assert.deepEqual(
      [...OPERATIONS.keys()].filter((operation) => !called.includes(operation)),
      [],
    );
  });
});

/** The answer, with `"*"` wherever that is expected and something stands there. */
function withWildcards(actual: unknown, expected: unknown): unknown {
  if (expected === '*' && actual !== undefined) return '*';
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((item, at) => withWildcards(item, expected[at]));
  }
  if (isObject(actual) && isObject(expected)) {
    return Object.fromEntries(
      Object.entries(actual).map(([member, value]) => [member, withWildcards(value, expected[member])]),
    );
  }
  return actual;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
