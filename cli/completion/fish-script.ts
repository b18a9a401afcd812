import { barred, type CompletedCommand, type CompletedOption, quoted } from './completed-commands.ts';

/** What fish loads from its folder of completions, or sources. Pure. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ words, options, next }) => {
    const there = `complete -c renova -n ${quoted(`__renova_is ${quoted(words)}`)}`;
    return [
      ...next.map(({ word, description }) => `${there} -a ${quoted(word)}${about(description)}`),
      ...options.map(
        (option) =>
          `${there} -l ${option.flag.slice(2)}${shortOf(option)}${valuesOf(option)}${about(option.description)}`,
      ),
    ];
  });
  return `# Completes renova. Made by: renova completion fish
function __renova_is
    set -l command
    for one in (commandline -opc)[2..]
        set -l longer (string join ' ' -- $command $one)
        string match -q -- "*|$longer|*" ${quoted(barred(commands))}; and set command $longer
    end
    test "$command" = "$argv[1]"
end
complete -c renova -f
${lines.join('\n')}
`;
}

function about(description: string): string {
  return description && ` -d ${quoted(description)}`;
}

function shortOf({ short }: CompletedOption): string {
  return short ? ` -s ${short.slice(1)}` : '';
}

function valuesOf({ takesValue, values, isFile }: CompletedOption): string {
  if (!takesValue) return '';
  if (isFile) return ' -r -F';
  return values.length > 0 ? ` -x -a ${quoted(values.join(' '))}` : ' -x';
}
