import type { WorldModel } from './world-model.ts';

const WIDTH = 38;

/** An order as a timeline: one column a party, one line a step, and what is broken at its end. */
export function drawOrder({ parties }: WorldModel, steps: readonly string[], what: string): string {
  const names = parties.map(({ name }) => name);
  const line = (cells: readonly string[]) =>
    `    ${cells.map((cell) => cell.padEnd(WIDTH)).join('')}`.trimEnd();
  const rows = steps.map((step) => {
    const column = names.findIndex((name) => step.startsWith(`${name}: `));
    if (column < 0) return `    ── ${step} ──`;
    return line(names.map((name, place) => (place === column ? step.slice(name.length + 2) : '│')));
  });
  return [line(names), ...rows, '', `    ✗ ${what.split('\n')[0]}`].join('\n');
}

/** The places of an order in the lists of choices: short enough for a command line. */
export function renderReplay(places: readonly number[]): string {
  return places.map((place) => place.toString(36)).join('.');
}

/** Throws a RangeError for what {@link renderReplay} cannot have written. */
export function parseReplay(text: string): number[] {
  return text.split('.').map((place) => {
    const number = Number.parseInt(place, 36);
    if (!Number.isInteger(number))
      throw new RangeError('--replay: expected places in base 36 with dots between them');
    return number;
  });
}
