import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command as a shell completes it: its words (`app put`), its options, and the values that its argument may have. */
interface Completed {
  readonly words: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly next: readonly string[];
}

interface CompletedOption {
  readonly flag: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

/** The script for a shell, from the commands that the program has. Pure. */
export function completionScript(program: Command, shell: Shell): string {
  const commands = [completed(program, ''), ...nested(program, '')];
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return `#compdef renova\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(commands);
  }
}

function nested(parent: Command, before: string): Completed[] {
  return parent.commands.flatMap((command) => {
    const words = `${before} ${command.name()}`.trim();
    return [completed(command, words, parent), ...nested(command, words)];
  });
}

function completed(command: Command, words: string, parent?: Command): Completed {
  const inherited = parent ? rootOf(parent).options : [];
  const options = [...command.options, ...inherited].flatMap(completedOption);
  const values = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const shells = command.name() === 'completion' ? SHELLS : [];
  return {
    words,
    description: command.description(),
    options,
    next: [...command.commands.map((one) => one.name()), ...values, ...shells],
  };
}

function rootOf(command: Command): Command {
  return command.parent ? rootOf(command.parent) : command;
}

function completedOption(option: Option): CompletedOption[] {
  if (option.hidden || !option.long) return [];
  const { long: flag, description, argChoices: values = [] } = option;
  return [{ flag, description, takesValue: option.required || option.optional, values }];
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(
    ({ words, options, next }) =>
      `    ${quoted(words)}) options=${quoted(options.map(({ flag }) => flag).join(' '))}; next=${quoted(next.join(' '))} ;;`,
  );
  const given = commands.flatMap(({ options }) => options);
  const values = [...new Set(given.map(({ flag }) => flag))].map((flag) =>
    merged(
      flag,
      given.filter((one) => one.flag === flag),
    ),
  );
  const valued = values
    .filter(({ values: known }) => known.length > 0)
    .map(
      ({ flag, values: known }) =>
        `    ${flag}) COMPREPLY=($(compgen -W ${quoted(known.join(' '))} -- "$word")); return ;;`,
    );
  const takers = values.filter(({ takesValue }) => takesValue).map(({ flag }) => flag);
  const all = commands.map(({ words }) => words).filter((words) => words !== '');
  return `# Completes renova. Made by: renova completion
_renova() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" options next one index
  case "$before" in
${valued.join('\n')}
    ${takers.join('|')}) return ;;
  esac
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    one="\${command:+$command }\${COMP_WORDS[index]}"
    case "|${all.join('|')}|" in *"|$one|"*) command="$one" ;; esac
  done
  case "$command" in
${cases.join('\n')}
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$next" -- "$word"))
  fi
}
complete -F _renova renova
`;
}

/** An option that commands share completes to what any of them takes. */
function merged(flag: string, all: readonly CompletedOption[]): Omit<CompletedOption, 'description'> {
  const values = [...new Set(all.flatMap((one) => one.values))];
  return { flag, takesValue: all.some(({ takesValue }) => takesValue), values };
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ words, options, next }) => {
    const [first = '', second] = words.split(' ');
    const under = first === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${second ?? first}`;
    const described = new Map(commands.map((one) => [one.words, one.description]));
    return [
      ...next.map((name) => {
        const description = described.get(`${words} ${name}`.trim());
        return `complete -c renova -f -n ${quoted(under)} -a ${quoted(name)}${description ? ` -d ${quoted(description)}` : ''}`;
      }),
      ...options.map(({ flag, description, takesValue, values }) => {
        const value = values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : takesValue ? ' -r' : '';
        const where = first === '' ? '' : ` -n ${quoted(under)}`;
        return `complete -c renova${where} -l ${flag.slice(2)}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# Completes renova. Made by: renova completion fish\n${[...new Set(lines)].join('\n')}\n`;
}

/** A word of every shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
