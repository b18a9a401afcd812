import type { CommandContext } from './context.ts';
import { CommandFailure, UsageError } from './errors.ts';

/**
 * Lets a person type a name (the credential's id) before something that cannot be taken back. `check` looks first at
 * whether it can be done at all. Rejects with a {@link UsageError} when nobody is there to ask, with a
 * {@link CommandFailure} when another text was typed, and as `check` does.
 */
export async function confirm(
  context: CommandContext,
  name: string,
  consequence: string,
  check?: () => Promise<unknown>,
): Promise<void> {
  const { stdin, stderr, prompts } = context;
  if (!stdin.isTTY) throw new UsageError('there is no terminal to ask for confirmation: say --yes');
  await check?.();
  stderr.write(`${consequence}\n`);
  const typed = await prompts.visible(`Type ${name} to go on:`, { optional: true });
  if (typed.trim() !== name) throw new CommandFailure('not-confirmed', 'stopped: nothing was changed');
}
