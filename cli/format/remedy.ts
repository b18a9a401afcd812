import { type Command, type Remedy, remedySentence, withCommand } from '../../shared/failure/command.ts';
import { type Target, typedCommand } from '../target.ts';

/** What an answer of a function says to do: a text and, beside it, the command that it ends with. Both as they came. */
interface Answered {
  readonly remedy?: unknown;
  readonly command?: unknown;
}

/** The remedy of an answer, its command as it is typed at this target; undefined if it names none. */
export function remedyOf({ remedy, command }: Answered, target: Target): string | undefined {
  return typeof remedy === 'string' ? typedAt(remedy, command, target) : undefined;
}

/** A text of a function that ends with this command: the command as it is typed at this target. */
export function typedAt(text: string, command: unknown, target: Target): string {
  if (!isCommand(command)) return text;
  const ending = withCommand('', command);
  return text.endsWith(ending) ? `${text.slice(0, -ending.length)} ${typedCommand(target, command)}` : text;
}

/** Read leniently: another version may know commands that this one does not have. */
export function isCommand(value: unknown): value is Command {
  if (typeof value !== 'object' || value === null || !('name' in value)) return false;
  const { name, id, flags } = value as Readonly<Record<string, unknown>>;
  return (
    typeof name === 'string' &&
    (id === undefined || typeof id === 'string') &&
    (flags === undefined || (Array.isArray(flags) && flags.every((flag) => typeof flag === 'string')))
  );
}

/**
 * Lines that say what to do, for people: the text with the command that it leads to, and what else may help. Of what
 * is tried again by itself, the time of the next try.
 */
export function remedyLines(
  remedy: Remedy,
  target: Target,
  paint: (text: string) => string,
  again?: string,
): readonly string[] {
  const toCopy = (named: Command) => paint(typedCommand(target, named));
  const { otherwise, waits } = remedy;
  const main = waits ? `Nothing to do: tried again ${again ?? 'soon'}.` : remedySentence(remedy, toCopy);
  return otherwise ? [main, `If ${otherwise.when}: ${toCopy(otherwise.command)}`] : [main];
}
