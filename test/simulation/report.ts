import Table from 'cli-table3';
import { NO_LINES } from '../../cli/format/table.ts';
import type { Figures } from './figures.ts';
import type { SimulateArguments } from './options.ts';
import type { Simulated } from './simulate.ts';

type Counted = Exclude<keyof Figures, 'strategy'>;

/** What is counted, in words, and how several seeds are put together. */
const ROWS: readonly { readonly what: string; readonly of: Counted; readonly as: 'sum' | 'most' }[] = [
  { what: 'token pairs issued', of: 'refreshes', as: 'sum' },
  { what: 'requests at the provider', of: 'provider_requests', as: 'sum' },
  { what: '  answered 429', of: 'throttled', as: 'sum' },
  { what: '  most in any minute', of: 'busiest_window', as: 'most' },
  { what: 'seconds without an unexpired token, all credentials', of: 'expired_seconds', as: 'sum' },
  { what: '  at the published secrets, by what readers got', of: 'expired_seconds_secrets', as: 'sum' },
  { what: '  at the read function, by what readers got', of: 'expired_seconds_read', as: 'sum' },
  { what: 'reads that got no token', of: 'refused_reads', as: 'sum' },
  { what: 'dead tokens served', of: 'dead_tokens_served', as: 'sum' },
  { what: 'chains lost (a person logs in again)', of: 'chains_lost', as: 'sum' },
  { what: '  that no design could have saved', of: 'chains_lost_unavoidably', as: 'sum' },
  { what: 'writes refused by the version quota', of: 'version_quota_refusals', as: 'sum' },
  { what: 'most versions of a secret in a day', of: 'peak_versions_per_secret', as: 'most' },
  { what: 'longest delay of a lapse warning, seconds', of: 'max_lapse_warning_delay_seconds', as: 'most' },
];

/** The results of all seeds as a table for a person. */
export function renderReport({ run, seeds }: SimulateArguments, results: readonly Simulated[]): string {
  const { strategy, days, env, mixFile } = run;
  const faults = String(run.faults);
  const credentials = results[0]?.figures.credentials ?? run.credentials;
  const who = mixFile === undefined ? `--credentials ${credentials}` : `--mix ${mixFile}`;
  const span = seeds.from === seeds.to ? `seed ${seeds.from}` : `seeds ${seeds.from} to ${seeds.to}`;
  const table = new Table({ chars: NO_LINES, colAligns: ['left', 'right'], style: { head: [], border: [] } });
  for (const { what, of, as } of ROWS) {
    const values = results.map(({ figures }) => figures[of]);
    table.push([what, as === 'sum' ? values.reduce((a, b) => a + b, 0) : Math.max(...values)]);
  }
  const untilLogin = results.reduce((sum, { details }) => sum + details.expiredUntilLoginSeconds, 0);
  const tooMany = results.reduce((sum, { details }) => sum + details.beyondLimit, 0);
  const [first] = results;
  const rates = first?.details.faultDescription.map((line) => `  ${line}`) ?? [];
  const avoidable = results.flatMap(({ figures: { seed, chains_lost, chains_lost_unavoidably } }) =>
    chains_lost > chains_lost_unavoidably ? [seed] : [],
  );
  return [
    `${strategy}, ${credentials} credentials (${env}), ${days} days, faults ${faults}, ${span}`,
    `faults (${faults}):`,
    ...rates,
    table.toString(),
    `of the seconds without a token, ${untilLogin} were spent waiting for a person to log in again`,
    `of the requests answered 429, ${tooMany} were beyond the quota; the others are faults of the provider`,
    ...(avoidable.length > 0
      ? [`chains were lost that could have been saved: seeds ${avoidable.join(', ')}`]
      : []),
    `a seed gives the same run again: npm run simulate -- --days ${days} ${who} --env ${env} --strategy ${strategy} --faults ${faults} --seed ${seeds.from}`,
    '',
  ].join('\n');
}
