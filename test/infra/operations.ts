import { readFileSync } from 'node:fs';

/** A section of docs/operations.md: its title without timestamps, and its text. */
export interface Section {
  readonly title: string;
  readonly text: string;
}

/** The sections (`###`) of docs/operations.md under a heading (`##`). */
export function sectionsUnder(heading: string): Section[] {
  const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const part = operations.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (part === undefined) throw new Error(`docs/operations.md has no heading "${heading}".`);
  const [, ...sections] = part.split(/^### /m);
  return sections.map((section) => {
    const [title = '', ...lines] = section.split('\n');
    return { title, text: lines.join('\n') };
  });
}
