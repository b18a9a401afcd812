import { barred, type CompletedCommand, casePattern, distinctOptions, quoted } from './completed-commands.ts';

/** What bash sources. Pure. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(
    ({ words, options, next }) =>
      `    ${quoted(words)}) options=${quoted(options.map(({ flag }) => flag).join(' '))}; next=${quoted(next.map(({ word }) => word).join(' '))} ;;`,
  );
  const takers = distinctOptions(commands).filter(({ takesValue }) => takesValue);
  const valued = takers.map((option) => {
    const from = option.isFile ? '-f' : `-W ${quoted(option.values.join(' '))}`;
    const asFiles = option.isFile ? 'compopt -o filenames 2>/dev/null; ' : '';
    return `    ${casePattern(option)}) ${asFiles}COMPREPLY=($(compgen ${from} -- "$word")); return ;;`;
  });
  return `# Completes renova. Made by: renova completion bash
_renova() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" options next one index
  case "$before" in
${valued.join('\n')}
  esac
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    one="\${command:+$command }\${COMP_WORDS[index]}"
    case ${quoted(barred(commands))} in *"|$one|"*) command="$one" ;; esac
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
