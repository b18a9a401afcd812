import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A token, password or key that must never reach a log line, an error message, an event or a trace (I7).
 * Every way a value usually leaks (string conversion, JSON, inspection) prints `[redacted]`; only
 * {@link Secret.reveal} gives the value, so that each place that really needs it can be found by name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one call that needs it. Never pass it to a logger or into an Error. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
