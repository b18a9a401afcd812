import { writeFileSync } from 'node:fs';
import { simulate } from './simulate.ts';

/**
 * Draws docs/images/capacity.svg: for how much of the time Renova has a living token for credentials of BS2 PRD, from 5 of
 * them on one quota of 10 requests a minute to 80, and how many of them a naive refresher keeps. Without faults; answers take up to
 * a second. The naive one lives on the logins of people: for each chain that it loses somebody logs in again. `node test/simulation/curve.ts [FILE]`, some minutes.
 */
const COUNTS = [5, 10, 20, 30, 40, 44, 48, 50, 55, 60, 70, 80];
const DAYS = 0.1;
const SEED = 7001;
const STRATEGIES = ['renova', 'naive'] as const;
type Strategy = (typeof STRATEGIES)[number];

interface Point {
  readonly count: number;
  /** In percent of the time of all credentials. */
  readonly living: number;
  readonly lost: number;
}

const WIDTH = 720;
const HEIGHT = 400;
const PLOT = { left: 60, right: 24, top: 48, bottom: 56 };
const MOST = 80;
/** The curve that 10 requests a minute allow: 50 tokens of 300 s. */
const LIMIT = 50;

const file = process.argv[2] ?? new URL('../../docs/images/capacity.svg', import.meta.url).pathname;
const curves = new Map<Strategy, Point[]>();
for (const strategy of STRATEGIES) {
  const points: Point[] = [];
  for (const count of COUNTS) {
    const options = { strategy, env: 'prd', days: DAYS, faults: ['slow-answers'], seed: SEED } as const;
    const { figures } = await simulate({ ...options, credentials: count });
    const living = 100 * (1 - figures.expired_seconds / (DAYS * 86_400 * count));
    points.push({ count, living, lost: figures.chains_lost });
    process.stderr.write(`${strategy} ${count}: ${living.toFixed(2)} %, ${figures.chains_lost} lost\n`);
  }
  curves.set(strategy, points);
}
writeFileSync(file, drawing(curves));

function x(count: number): number {
  return PLOT.left + (count / MOST) * (WIDTH - PLOT.left - PLOT.right);
}

function y(percent: number): number {
  return PLOT.top + (1 - percent / 100) * (HEIGHT - PLOT.top - PLOT.bottom);
}

function drawing(all: ReadonlyMap<Strategy, readonly Point[]>): string {
  const line = (points: readonly Point[]) =>
    points.map(({ count, living }) => `${x(count).toFixed(1)},${y(living).toFixed(1)}`).join(' ');
  const ticks = [0, 25, 50, 75, 100].map(
    (percent) =>
      `<line x1="${PLOT.left}" x2="${WIDTH - PLOT.right}" y1="${y(percent)}" y2="${y(percent)}" stroke="#d8dee4"/>` +
      `<text x="${PLOT.left - 8}" y="${y(percent) + 4}" text-anchor="end">${percent} %</text>`,
  );
  const counts = [10, 20, 30, 40, 50, 60, 70, 80].map(
    (count) => `<text x="${x(count)}" y="${HEIGHT - PLOT.bottom + 20}" text-anchor="middle">${count}</text>`,
  );
  const ideal = Array.from({ length: 16 }, (_, n) => 5 * (n + 1)).map((count) => ({
    count,
    living: Math.min(100, (100 * LIMIT) / count),
    lost: 0,
  }));
  const colours: Record<Strategy, string> = { renova: '#0969da', naive: '#cf222e' };
  // A naive refresher lives on logins of people: what counts is for how many credentials nobody has to log in.
  const shown = [...all].map(([strategy, points]) => {
    const kept = (point: Point) => ({ ...point, living: 100 * (1 - point.lost / point.count) });
    return [strategy, strategy === 'naive' ? points.map(kept) : points] as const;
  });
  const curves = shown.map(
    ([strategy, points]) =>
      `<polyline points="${line(points)}" fill="none" stroke="${colours[strategy]}" stroke-width="2.5"/>` +
      points
        .map(
          ({ count, living }) =>
            `<circle cx="${x(count).toFixed(1)}" cy="${y(living).toFixed(1)}" r="3" fill="${colours[strategy]}"/>`,
        )
        .join(''),
  );
  const key = [
    ['#0969da', 'Renova: time with a living token, no chain lost', ''],
    ['#cf222e', 'a naive cron: credentials that keep their chain for some hours', ''],
    ['#6e7781', 'time that 10 requests a minute allow', '6 4'],
  ].map(
    ([colour, text, dash], n) =>
      `<line x1="${PLOT.left + 16}" x2="${PLOT.left + 44}" y1="${y(19) + 22 * n}" y2="${y(19) + 22 * n}" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"/>` +
      `<text x="${PLOT.left + 52}" y="${y(19) + 22 * n + 4}">${text}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#24292f" role="img" aria-label="Time with a living token, by the number of credentials on one quota">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${PLOT.left}" y="26" font-size="15" font-weight="600">Credentials that share 10 requests a minute</text>
${ticks.join('\n')}
${counts.join('\n')}
<text x="${(WIDTH + PLOT.left) / 2}" y="${HEIGHT - 12}" text-anchor="middle">credentials of BS2 PRD (tokens of 300 s)</text>
<polyline points="${line(ideal)}" fill="none" stroke="#6e7781" stroke-width="1.5" stroke-dasharray="6 4"/>
${curves.join('\n')}
${key.join('\n')}
</svg>
`;
}
