import { input, password } from '@inquirer/prompts';
import type { Prompts } from '../context.ts';
import { CommandFailure } from '../errors.ts';

/** Where a person types, and where the questions show. */
interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** A key as `readline` tells it. */
interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

const required = (answer: string) => answer.trim() !== '' || 'It cannot be empty.';

/** {@link Prompts} at a terminal. Ctrl+C and Ctrl+D end a question, and with it the command. */
export function promptsAt(terminal: Terminal): Prompts {
  return {
    visible: (message, options) =>
      orGivenUp(terminal, (at) => input({ message, validate: options?.optional ? undefined : required }, at)),
    hidden: (message) =>
      orGivenUp(terminal, (at) =>
        password({ message, mask: false, toggleMask: false, validate: required }, at),
      ),
  };
}

/** At the terminal of this process. Questions are on standard error: standard output holds nothing but the result. */
export const terminalPrompts: Prompts = promptsAt({ input: process.stdin, output: process.stderr });

/**
 * Asks one question. At Ctrl+D the library closes its input and leaves the question open for ever, so that the process
 * would end with a warning of Node's: it is told to give up instead.
 */
async function orGivenUp(
  terminal: Terminal,
  ask: (at: Terminal & { readonly signal: AbortSignal }) => Promise<string>,
): Promise<string> {
  const givenUp = new AbortController();
  const onKey = (_text: string | undefined, { name, ctrl }: Key = {}) => {
    if (ctrl && name === 'd') givenUp.abort();
  };
  terminal.input.on('keypress', onKey);
  try {
    return await ask({ ...terminal, signal: givenUp.signal });
  } catch (error) {
    if (error instanceof Error && GIVEN_UP.has(error.name)) {
      throw new CommandFailure('given-up', 'stopped: nothing was changed');
    }
    throw error;
  } finally {
    terminal.input.off('keypress', onKey);
  }
}

/** How the library's questions end without an answer. */
const GIVEN_UP: ReadonlySet<string> = new Set(['ExitPromptError', 'AbortPromptError']);
