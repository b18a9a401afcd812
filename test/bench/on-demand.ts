import { chainsOnDemand } from '../simulation/population.ts';
import { simulate } from '../simulation/simulate.ts';
import type { SectionFigures } from './section.ts';

const COUNTS = [100, 1000];
const DAYS = 1;
const DAY_SECONDS = 86_400;

/** What a day of chains on demand on one quota comes to. */
export async function onDemandFigures(): Promise<SectionFigures> {
  const rows: string[][] = [];
  for (const count of COUNTS) {
    const options = { strategy: 'renova', env: 'prd', credentials: 1, faults: 'none', seed: 1 } as const;
    const mix = [chainsOnDemand('bank', count)];
    const { figures, details } = await simulate({ ...options, mix, days: DAYS });
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    rows.push([
      count.toLocaleString('en'),
      String(figures.chains_lost),
      (figures.refreshes / ((DAYS * DAY_SECONDS) / 60)).toFixed(2),
      seconds(details.longestWaitWithRoomMs),
      seconds(details.longestWaitMs),
      `${((100 * figures.refused_reads) / details.reads).toFixed(1)} %`,
    ]);
  }
  return {
    columns: [
      'chains',
      'lost',
      'refreshes a minute',
      'longest wait with room',
      'longest wait',
      'told to ask again',
    ],
    rows,
  };
}
