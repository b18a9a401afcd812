/** The operator's commands that a text may name. A test holds that the program has each of them. */
export const COMMAND_NAMES = [
  'register',
  'update',
  'reseed',
  'login',
  'list',
  'status',
  'refresh',
  'resume',
  'rescue',
  'recover',
  'capacity',
  'doctor',
  'rotate-seal',
  'app put',
  'app list',
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

/** A command that an operator is told to run: data beside the text, so that each door writes it as it is typed there. */
export interface Command {
  readonly name: CommandName;
  /** The credential that it is about. */
  readonly id?: string;
  /** Options in their order, each value a word of its own. `<…>` stands for what the operator knows. */
  readonly flags?: readonly string[];
}

/** What to do about a failure: a text, the command that does it, and what to try when that is not the cause. */
export interface Remedy {
  /** A sentence. Where there is a command, it ends in a colon and the command follows. */
  readonly text: string;
  readonly command?: Command;
  /** When something else is wrong than what is likely, and the command for that. */
  readonly otherwise?: { readonly when: string; readonly command: Command };
  /** Renova tries again by itself: there is nothing that a person should do yet. */
  readonly waits?: true;
}

/** The command as it is typed, without the program's name: `reseed acme`, `update acme --scope "<scope>"`. */
export function commandWords({ name, id, flags = [] }: Command): string {
  return [name, ...(id === undefined ? [] : [id]), ...flags.map(quoted)].join(' ');
}

/** How a function writes a command at the end of a text: it does not know how its reader calls the program. */
export function withCommand(text: string, command: Command | undefined): string {
  return command === undefined ? text : `${text} renova ${commandWords(command)}`;
}

/** The remedy in one piece, its command as `type` writes it. */
export function remedySentence({ text, command }: Remedy, type: (command: Command) => string): string {
  return command === undefined ? text : `${text} ${type(command)}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`;
}
