/** The command line itself is wrong: nothing was sent. Exit code 2. Its message never repeats a value. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}

/** The command was understood and did not succeed. Exit code 1. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  /** Stable: the code of the function's answer, or one of this program's own (`unreachable`, `no-region`, …). */
  readonly code: string;
  /** What to do about it, as a sentence. */
  readonly remedy?: string;

  constructor(code: string, message: string, remedy?: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}
