import type { Colors } from 'picocolors/types.js';
import type { Clock } from '../shared/clock/clock.ts';
import type { AskAws } from './account/ask-aws.ts';
import type { Target } from './target.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Size of the terminal, where it is one. */
  readonly columns?: number;
  readonly rows?: number;
}

export interface Input extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
}

/** Questions to the person at the terminal. Reject with a `CommandFailure` when the person gives up (Ctrl-C). */
export interface Prompts {
  /** Shows what is typed. An empty answer is taken only if `optional`. */
  visible(message: string, options?: { readonly optional?: boolean }): Promise<string>;
  /** Shows nothing of what is typed. */
  hidden(message: string): Promise<string>;
}

/**
 * Invokes a function of the target and gives its answer, which may be `{"error": …}`. Rejects with a
 * `CommandFailure` when there is no answer: the function failed, or could not be reached.
 */
export type Invoke = (target: 'admin' | 'read', request: JsonObject) => Promise<JsonObject>;

/** Everything a command may touch. */
export interface CommandContext {
  readonly clock: Clock;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly prompts: Prompts;
  readonly invoke: Invoke;
  /** Asks how the account stands, in the name of the person who types. */
  readonly askAws: AskAws;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly target: Target;
  /** Opens a page in the person's browser, if there is one. */
  readonly browse: (href: string) => void;
  /** Resolves when somebody asks the program to end (Ctrl-C, SIGTERM). */
  readonly untilStopped: () => Promise<void>;
  /** Print the function's JSON instead of text for people. */
  readonly json: boolean;
  readonly colors: Colors;
}

/** What a command may touch that goes to no environment. */
export type TerminalContext = Pick<CommandContext, 'stdout' | 'json' | 'colors'>;

/** Makes a commander action of a command that goes to no environment. */
export type BindAlone = <Args extends unknown[]>(
  command: (context: TerminalContext, ...args: Args) => Promise<void>,
) => (...args: Args) => Promise<void>;

/** Makes a commander action of a command: gives it the context of this run. */
export type Bind = <Args extends unknown[]>(
  command: (context: CommandContext, ...args: Args) => Promise<void>,
) => (...args: Args) => Promise<void>;
