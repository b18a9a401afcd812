import { simulate } from '../simulation/simulate.ts';
import type { SectionFigures } from './section.ts';

const COUNTS = [20, 44, 48, 60, 80];
const DAYS = 0.1;
const SEED = 7001;

/** How much of the time credentials have a living token, by their number on one quota, and how many chains are lost. */
export async function keptFigures(): Promise<SectionFigures> {
  const rows: string[][] = [];
  for (const credentials of COUNTS) {
    const row = [String(credentials)];
    for (const strategy of ['renova', 'naive'] as const) {
      const options = { strategy, env: 'prd', days: DAYS, faults: ['slow-answers'], seed: SEED } as const;
      const { figures } = await simulate({ ...options, credentials });
      const living = 1 - figures.expired_seconds / (DAYS * 86_400 * credentials);
      row.push(`${(living * 100).toFixed(1)} %`, String(figures.chains_lost));
    }
    rows.push(row);
  }
  return { columns: ['credentials', 'Renova: alive', 'lost', 'cron: alive', 'lost'], rows };
}
