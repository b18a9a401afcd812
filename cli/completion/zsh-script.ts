import {
  barred,
  type Candidate,
  type CompletedCommand,
  casePattern,
  distinctOptions,
  quoted,
} from './completed-commands.ts';

/** What zsh loads from a folder of its `fpath`, or sources. Pure. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ words, options, next }) => {
    const flags = options.map(({ flag, description }) => ({ word: flag, description }));
    return `    ${quoted(words)}) options=(${described(flags)}); next=(${described(next)}) ;;`;
  });
  const takers = distinctOptions(commands).filter(({ takesValue }) => takesValue);
  const valued = takers.map((option) => {
    const { values, isFile } = option;
    const from = isFile ? '_files' : values.length > 0 ? `compadd -- ${values.join(' ')}` : '_message value';
    return `    ${casePattern(option)}) ${from}; return ;;`;
  });
  return `#compdef renova
# Completes renova. Made by: renova completion zsh
_renova() {
  local command="" one index
  local -a options next
  case "$words[CURRENT-1]" in
${valued.join('\n')}
  esac
  for ((index = 2; index < CURRENT; index += 1)); do
    one="\${command:+$command }$words[index]"
    case ${quoted(barred(commands))} in *"|$one|"*) command="$one" ;; esac
  done
  case "$command" in
${cases.join('\n')}
  esac
  if [[ "$words[CURRENT]" == -* ]]; then
    _describe -o option options
  elif (( $#next )); then
    _describe word next
  fi
}
if [[ "$funcstack[1]" == _renova ]]; then _renova "$@"; else compdef _renova renova; fi
`;
}

/** Words with what they mean, as _describe takes them. */
function described(candidates: readonly Candidate[]): string {
  return candidates
    .map(({ word, description }) =>
      quoted(`${word.replaceAll(':', '\\:')}${description && `:${description}`}`),
    )
    .join(' ');
}
