import { input, password } from '@inquirer/prompts';
import type { Prompts } from '../context.ts';
import { CommandFailure } from '../errors.ts';

/** Questions on standard error, so that standard output holds nothing but the command's result. */
const ON_STDERR = { output: process.stderr };

const required = (answer: string) => answer.trim() !== '' || 'It cannot be empty.';

/** {@link Prompts} at the terminal of this process. */
export const terminalPrompts: Prompts = {
  visible: (message, options) =>
    orGivenUp(input({ message, validate: options?.optional ? undefined : required }, ON_STDERR)),
  hidden: (message) =>
    orGivenUp(password({ message, mask: false, toggleMask: false, validate: required }, ON_STDERR)),
};

function orGivenUp(answer: Promise<string>): Promise<string> {
  return answer.catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ExitPromptError') {
      throw new CommandFailure('given-up', 'stopped: nothing was changed');
    }
    throw error;
  });
}
