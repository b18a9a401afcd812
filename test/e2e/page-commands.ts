import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** Pages whose commands people type. A page in Portuguese has those of the English one (translations.test.ts). */
export const PAGES = globSync('{README,CONTRIBUTING,SECURITY}.md', { cwd: fileURLToPath(ROOT) })
  .concat(globSync('docs/{*,providers/*}.md', { cwd: fileURLToPath(ROOT) }))
  .filter((page) => !/\.pt(?:-BR)?\.md$/.test(page))
  .toSorted();

/** Commands of a page that belong together: a script, or what is typed behind a prompt with what it printed. */
export interface PageCommands {
  readonly page: string;
  readonly line: number;
  readonly script: string;
  /** What the page shows below; empty for a script. */
  readonly shown: string;
}

/** Everything in a page that is for a shell: blocks, the steps of workflows, and commands within a sentence. */
export function commandsOf(page: string): PageCommands[] {
  const text = readFileSync(new URL(page, ROOT), 'utf8');
  const lineAt = (index: number) => text.slice(0, index).split('\n').length;
  const blocks = [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].flatMap(
    ({ index, 1: indent = '', 2: language = '', 3: block = '' }) => {
      const body = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
      const scripts = scriptsIn(language, body);
      return scripts.map((each) => ({ page, line: lineAt(index), ...each }));
    },
  );
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, (block) => block.replaceAll(/[^\n]/g, ' '));
  const inline = [...prose.matchAll(/`((?:npx|npm|aws|curl|jq|cd|openssl) [^`\n]+)`/g)].map(
    ({ index, 1: script = '' }) => ({
      page,
      line: lineAt(index),
      script,
      shown: '',
    }),
  );
  return [...blocks, ...inline];
}

function scriptsIn(language: string, body: string): Pick<PageCommands, 'script' | 'shown'>[] {
  if (language === 'sh' || language === '') return language ? [{ script: body, shown: '' }] : [];
  if (language === 'yaml') {
    return [...body.matchAll(/^ *- run: (.*)$/gm)].map(([, script = '']) => ({ script, shown: '' }));
  }
  if (!['text', 'console'].includes(language)) return [];
  // A prompt, the line behind it and those that it goes on in; then what it printed.
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((typed) => {
      const lines = typed.split('\n');
      let last = 0;
      while (/(?:\\|\||;|\bdo)$/.test(lines[last]?.trimEnd() ?? '')) last += 1;
      return {
        script: lines.slice(0, last + 1).join('\n'),
        shown: lines
          .slice(last + 1)
          .join('\n')
          .trim(),
      };
    });
}

/** With something for each placeholder, so that a shell takes it for words. */
export function filledIn(script: string): string {
  return script
    .replaceAll(/\$\{\{ [a-z.]+ \}\}/g, 'prd')
    .replaceAll('<env>', 'prd')
    .replaceAll(/<[a-z][^<>\n|&;]*>/gi, 'filled-in')
    .replaceAll(/^… \| /gm, 'cat secrets.json | ');
}

/** The simple commands of a script, each in words; what quotes and substitutions hold is one word. */
export function simpleCommands(script: string): string[][] {
  const joined = script
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/(^|\s)#.*$/gm, '$1')
    .replaceAll(/<<(\w+)\n[\s\S]*?^\1$/gm, '');
  const opened = joined.replaceAll(/\$\(([^()]*)\)/g, 'x\n$1\n').replaceAll(/"x\n([^"]*?)\n"/g, '"x"\n$1\n');
  const words = opened.match(/'[^']*'|"[^"]*"|&&|\|\||;;|[|;\n&]|(?:[^\s'"|;&]|'[^']*'|"[^"]*")+/g) ?? [];
  const commands: string[][] = [[]];
  for (const word of words) {
    if (/^(?:&&|\|\||;;|[|;\n&]|do|then|else|!)$/.test(word)) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands
    .map((command) => command.slice(command.findIndex((word) => !/^\w+=/.test(word))))
    .filter(([first]) => first !== undefined && !/^\w+=/.test(first));
}
