import Table from 'cli-table3';

/** The characters of a table without lines. */
export const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Columns under a heading, without lines, so that it reads well and `awk` can read it too. Ends in a line break. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return columns([head, ...rows]);
}

/** Aligned `key  value` lines. Ends in a line break. */
export function keyValues(pairs: readonly (readonly [key: string, value: string])[]): string {
  return columns(pairs);
}

function columns(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const grid = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  grid.push(...rows.map((row) => [...row]));
  return `${grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')}\n`;
}
