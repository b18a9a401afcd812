import type { Command, Option } from 'commander';

/** A word that may come next, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** A command as a shell completes it: its words (`app put`), its options, and what may follow it. */
export interface CompletedCommand {
  readonly words: string;
  readonly options: readonly CompletedOption[];
  readonly next: readonly Candidate[];
}

/** An option; without `takesValue` it is a switch. */
export interface CompletedOption {
  readonly flag: string;
  /** With one dash and one letter. */
  readonly short: string | undefined;
  readonly description: string;
  readonly takesValue: boolean;
  /** The only values that it takes; none: any. */
  readonly values: readonly string[];
  readonly isFile: boolean;
}

/** Every command of the program, itself first: its own words are empty. Pure. */
export function completedCommands(program: Command): CompletedCommand[] {
  return [completed(program, ''), ...nested(program, '')];
}

function nested(parent: Command, before: string): CompletedCommand[] {
  return visibleCommands(parent).flatMap((command) => {
    const words = `${before} ${command.name()}`.trim();
    return [completed(command, words, parent), ...nested(command, words)];
  });
}

function completed(command: Command, words: string, parent?: Command): CompletedCommand {
  const help = command.createHelp();
  const inherited = parent ? rootOf(parent).options.filter(({ long }) => long !== '--version') : [];
  const options = [...help.visibleOptions(command), ...inherited].flatMap(completedOption);
  return {
    words,
    options,
    next: [...visibleCommands(command).map(candidateOf), ...argumentsOf(command, parent)],
  };
}

/** Those of `--help`, `help` among them. */
function visibleCommands(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

function candidateOf(command: Command): Candidate {
  return { word: command.name(), description: command.description() };
}

/** The words that an argument may be; `help` takes any command. */
function argumentsOf(command: Command, parent?: Command): Candidate[] {
  if (command.name() === 'help' && parent) return visibleCommands(parent).map(candidateOf);
  const words = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  return words.map((word) => ({ word, description: '' }));
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

function completedOption(option: Option): CompletedOption[] {
  if (!option.long) return [];
  const { long: flag, short, description, argChoices: values = [], flags } = option;
  const takesValue = option.required || option.optional;
  return [{ flag, short, description, takesValue, values, isFile: flags.endsWith('<file>') }];
}

/** Every option once. One that several commands have completes to what any of them takes. */
export function distinctOptions(commands: readonly CompletedCommand[]): CompletedOption[] {
  const byFlag = Map.groupBy(
    commands.flatMap(({ options }) => options),
    ({ flag }) => flag,
  );
  return [...byFlag].map(([flag, [first, ...others]]) => {
    const all = first ? [first, ...others] : others;
    return {
      flag,
      short: all.find(({ short }) => short)?.short,
      description: first?.description ?? '',
      takesValue: all.some(({ takesValue }) => takesValue),
      values: [...new Set(all.flatMap(({ values }) => values))],
      isFile: all.some(({ isFile }) => isFile),
    };
  });
}

/** An option's names as a pattern of `case`. */
export function casePattern({ flag, short }: CompletedOption): string {
  return short ? `${flag}|${short}` : flag;
}

/** The words of all commands, as a pattern of `case` that finds one between bars: `|app|app put|`. */
export function barred(commands: readonly CompletedCommand[]): string {
  return `|${commands.map(({ words }) => words).join('|')}|`;
}

/** One word for every shell, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
