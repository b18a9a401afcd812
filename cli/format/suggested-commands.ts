import { commandLine, type Target } from '../target.ts';

/** A command in a sentence of a function: without options of a target, because a function knows of none. */
const COMMAND =
  /(?<!npx )\brenova (?:(list|capacity|rotate-seal|doctor)|(update|reseed|status|refresh|pause|resume|remove|recover|rescue|register) ([a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?))((?: --[a-z][a-z-]*)*)/g;

/** The text with every `renova …` in it made a command line that can be copied: this program, at this target. */
export function withTarget(text: string, target: Target): string {
  return text.replaceAll(COMMAND, (_, alone?: string, command?: string, id?: string, options = '') =>
    commandLine(target, `${alone ?? `${command} ${id}`}${options}`),
  );
}
