import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/clock/clock.ts';
import type { Journal } from '../../data/journal/journal.ts';
import { ServiceError } from './errors.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { rateLimiter } from './rate-limit.ts';
import { openSecretIndex } from './secret-index.ts';
import type { JournalEntry } from './secret-journal.ts';
import { type Stats, startTally } from './tally.ts';

export type { JournalEntry } from './secret-journal.ts';
export type { Stats } from './tally.ts';

/** What an emulator of Secrets Manager is made of. */
export interface SecretsManagerOptions {
  readonly clock: Clock;
  /** The service's 24 hours in milliseconds: version protection, recovery windows, access dates. */
  readonly dayMs: number;
  /** Where secrets outlive the process; without one they do not. */
  readonly journal?: Journal<JournalEntry>;
  /** So many random bytes, for ARNs and passwords. The machine's cryptographic source by default. */
  readonly random?: (bytes: number) => Buffer;
}

/** An answer, ready for the wire: `body` is JSON-able, for an error `{__type, Message}`. */
export interface Response {
  readonly status: number;
  readonly body: object;
}

/** AWS Secrets Manager in the process: its operations, version quota, 24-hour rule and rate limits. */
export interface SecretsManager {
  /**
   * Answers one request: `operation` is what follows `secretsmanager.` in `X-Amz-Target`, `input` the parsed
   * JSON body, `region` the one it was signed for (rate limits count by it and new ARNs carry it; all regions
   * share their secrets). A change is in the journal before this returns. Throws only for a defect.
   */
  handle(operation: string, input: unknown, region: string): Response;
  /** What happened since the start, for tests and the simulator. */
  stats(): Stats;
}

/** Starts the emulator on what the journal remembers. */
export function createSecretsManager(options: SecretsManagerOptions): SecretsManager {
  const { clock, dayMs, journal, random = randomBytes } = options;
  const tally = startTally();
  const secrets = openSecretIndex(clock, journal, tally.wrote);
  const admit = rateLimiter(clock);

  return {
    handle(name, input, region) {
      try {
        const operation = operationNamed(name);
        admit(name, region);
        return {
          status: 200,
          body: operation({ secrets, nowMs: clock.nowMs(), dayMs, region, random }, input),
        };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        tally.refused(error.code);
        return { status: error.status, body: { __type: error.code, Message: error.message } };
      }
    },
    stats: () => tally.stats(secrets.all()),
  };
}

function operationNamed(name: string): Operation {
  const operation = OPERATIONS.get(name);
  if (operation) return operation;
  throw new ServiceError(
    'UnknownOperationException',
    `There is no such operation here. Available: ${[...OPERATIONS.keys()].join(', ')}.`,
  );
}
