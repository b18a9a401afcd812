import { costRows, PRICES } from './cost.ts';
import { ratio, type SectionFigures } from './section.ts';

/** The table of costs, beside a cron that reads and writes one secret at each refresh. */
export async function costFigures(): Promise<SectionFigures> {
  const rows = await costRows();
  return {
    columns: ['tokens', 'refreshes a month', 'ledger', 'quota', 'vault', 'events', 'a month', 'of the cron'],
    rows: rows.map(({ what, refreshes, ledger, quota, vault, events, usd }) => [
      what,
      ...[refreshes, ledger, quota, vault, events].map((count) => count.toLocaleString('en')),
      `$${usd.toFixed(2)}`,
      ratio(usd, PRICES.secretMonth.usd + 2 * refreshes * PRICES.secretCall.usd),
    ]),
  };
}
