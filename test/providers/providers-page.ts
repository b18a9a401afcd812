import type { KnownProvider } from '../../shared/provider/profile.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { providerSheet, type SheetLine } from '../../shared/provider/provider-sheet.ts';

/** The parts of docs/providers.md that are made from the profiles, by name. */
export function partsOfPage(): Readonly<Record<'table' | 'sheets', string>> {
  const all = [...profiles.values()];
  return {
    table: [
      row(['provider', 'who', ...COLUMNS]),
      row(Array(2 + COLUMNS.length).fill('---')),
      ...all.map(rowOf),
    ].join('\n'),
    sheets: all.map(sectionOf).join('\n\n'),
  };
}

const COLUMNS = ['grants', 'client authentication', 'access token', 'refresh token', 'quota'];

function rowOf(profile: KnownProvider): string {
  const sheet = new Map(providerSheet(profile).map(([label, value]) => [label, [value].flat().join(' ')]));
  const link = `[\`${profile.provider}\`](#${profile.provider})`;
  return row([link, profile.knowledge.title, ...COLUMNS.map((label) => sheet.get(label) ?? 'not known')]);
}

function sectionOf(profile: KnownProvider): string {
  const lines = providerSheet(profile).map(lineOf);
  return [`### ${profile.provider}`, '', ...lines].join('\n');
}

function lineOf([label, value]: SheetLine): string {
  if (typeof value === 'string') return `- **${label}**: ${escaped(value)}`;
  return [`- **${label}**`, ...value.map((text) => `  - ${escaped(text)}`)].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Parts of a URL are in braces, which Markdown leaves alone, and addresses stay addresses. */
function escaped(text: string): string {
  return text.replaceAll(/[<>*]/g, '\\$&');
}

/** A document with its parts replaced, each between `<!-- made: name -->` and `<!-- end -->`. */
export function withParts(document: string, parts: Readonly<Record<string, string>>): string {
  return document.replaceAll(
    /(<!-- made: (\w+) -->\n).*?(<!-- end -->)/gs,
    (_whole, before: string, name: string, after: string) => `${before}\n${parts[name] ?? ''}\n\n${after}`,
  );
}
