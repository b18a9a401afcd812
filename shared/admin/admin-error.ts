import { type Command, withCommand } from '../failure/command.ts';

/** An operator's request that cannot be met. Nothing was changed unless the message says so. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
  readonly code: AdminErrorCode;
  /** The member of the request that is wrong. */
  readonly field?: string;
  /** What to do: a sentence, with the command at its end where there is one. */
  readonly remedy?: string;
  /** That command, as data. */
  readonly command?: Command;

  constructor(
    code: AdminErrorCode,
    message: string,
    more: { field?: string; remedy?: string; command?: Command } = {},
  ) {
    super(message);
    this.code = code;
    this.field = more.field;
    this.remedy = more.remedy && withCommand(more.remedy, more.command);
    this.command = more.command;
  }
}

export type AdminErrorCode =
  | 'invalid-request'
  | 'unknown-action'
  | 'unknown-credential'
  | 'unknown-app'
  | 'app-in-use'
  | 'already-registered'
  | 'being-published'
  | 'being-removed'
  | 'quota-exceeded'
  | 'refresh-in-flight'
  | 'credential-lapsed'
  | 'login-refused'
  /** The person has not decided yet (RFC 8628 §3.5): the same request is made again after the interval … */
  | 'login-pending'
  /** … or after five seconds more. */
  | 'login-slow-down'
  | 'nothing-to-rescue'
  | 'rotated-just-now'
  | 'invalid-token-url';
