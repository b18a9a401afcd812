import { withCommand } from '../failure/command.ts';

/** Why there is no token to serve. `status` is the HTTP status of the read API; `message` says what to do. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly code: ReadErrorCode;
  readonly status: number;
  readonly retryAfterSeconds?: number;

  constructor(code: ReadErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.status = STATUS[code];
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static invalidRequest(field: string, expected: string): ReadError {
    return new ReadError('invalid-request', `${field}: expected ${expected}.`);
  }

  static unknownCredential(credential: string): ReadError {
    return new ReadError(
      'unknown-credential',
      `There is no credential ${JSON.stringify(credential)}: check the id, or register it.`,
    );
  }

  static lapsed(credential: string): ReadError {
    return new ReadError(
      'credential-lapsed',
      withCommand(`The chain of ${credential} has ended. An operator logs in at the provider, then:`, {
        name: 'reseed',
        id: credential,
      }),
    );
  }

  static paused(credential: string): ReadError {
    return new ReadError(
      'credential-paused',
      withCommand(`${credential} is paused; go on with:`, { name: 'resume', id: credential }),
    );
  }

  static minTtlUnattainable(halfLifeMs: number): ReadError {
    const seconds = Math.floor(halfLifeMs / 1000);
    return new ReadError(
      'min-ttl-unattainable',
      `min_ttl: at most half of the token's life, ${seconds} seconds.`,
    );
  }

  /** Nobody knows when a store comes back; it is worth asking again soon. */
  static unavailable(): ReadError {
    const message = 'A part that Renova depends on does not answer. Ask again in 5 seconds.';
    return new ReadError('provider-unavailable', message, 5);
  }

  static refreshPending(credential: string, waitMs: number): ReadError {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    return new ReadError(
      'refresh-pending',
      `${credential} has no valid token now; it is being refreshed. Ask again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
      seconds,
    );
  }
}

const STATUS = {
  'invalid-request': 400,
  'unknown-credential': 404,
  'credential-lapsed': 409,
  'credential-paused': 409,
  'min-ttl-unattainable': 422,
  'refresh-pending': 503,
  'provider-unavailable': 503,
} as const;

export type ReadErrorCode = keyof typeof STATUS;
