import type { CredentialRecord } from '../../shared/credential/credential.ts';
import type { CredentialSettings } from '../../shared/credential/settings.ts';
import type { Ledger } from '../../shared/ledger/ledger.ts';
import { laneCount } from '../../shared/vault/lanes.ts';
import { World } from '../support/world.ts';

/** List prices of us-east-1 in dollars, without free tiers and discounts. */
export const PRICES = {
  secretMonth: {
    usd: 0.4,
    of: 'a secret and month',
    source: 'https://aws.amazon.com/secrets-manager/pricing/',
  },
  secretCall: {
    usd: 0.05 / 10_000,
    of: 'a call of Secrets Manager',
    source: 'https://aws.amazon.com/secrets-manager/pricing/',
  },
  writeUnit: {
    usd: 0.625 / 1e6,
    of: 'a write unit of DynamoDB on demand (1 KB)',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  readUnit: {
    usd: 0.125 / 1e6,
    of: 'a read unit of DynamoDB on demand (4 KB)',
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  event: { usd: 1 / 1e6, of: 'an event', source: 'https://aws.amazon.com/eventbridge/pricing/' },
} as const;
export const PRICES_OF = 'November 2026';

/** What a credential costs, from the requests of one refresh of it that was counted. */
export interface CostRow {
  readonly what: string;
  readonly refreshes: number;
  readonly ledger: number;
  readonly quota: number;
  readonly vault: number;
  readonly events: number;
  readonly secrets: number;
  readonly usd: number;
}

const MONTH_SECONDS = 30 * 86_400;
const TICK_SECONDS = 60;
/** Bytes of a sealed token of BS2 (the fakes of tests seal into less). */
const SEALED_BYTES = 420;
const KB = 1024;

const LIVES = { 'BS2 PRD (300 s)': 300, 'BS2 HML (420 s)': 420, 'an hour': 3600 } as const;
const PUBLISHING: Record<string, Partial<CredentialSettings>> = {
  access: { publish: 'access' },
  pair: { publish: 'pair' },
  none: { publish: 'none' },
  'access, and a parameter': { publish: 'access', parameter: true },
};

/** A row for each life of tokens and each way to publish. */
export async function costRows(): Promise<CostRow[]> {
  const rows: CostRow[] = [];
  for (const [life, seconds] of Object.entries(LIVES)) {
    for (const [publishing, settings] of Object.entries(PUBLISHING)) {
      rows.push(await costRow(`${life}, publish ${publishing}`, seconds, settings));
    }
  }
  return rows;
}

async function costRow(
  what: string,
  lifeSeconds: number,
  settings: Partial<CredentialSettings>,
): Promise<CostRow> {
  const world = new World({ lifeSeconds });
  await world.seed('acme', { ...settings, defaultAccessTokenMs: lifeSeconds * 1000 });
  // The first refresh reads what a container keeps in memory.
  await world.tick();
  await world.clock.advance((lifeSeconds * 1000) / 2);
  const counts = { ledger: 0, quota: 0, vault: 0 };
  const units = { read: 0, write: 0 };
  world.fault = (store, operation) => {
    if (store === 'quota' && operation === 'save') units.write += 1;
    if (store === 'quota' && operation === 'load') units.read += 1;
    if (store in counts) counts[store as keyof typeof counts] += 1;
    return undefined;
  };
  const told = world.events.accepted.length;
  const parameters = world.parameters.puts;
  const container = { ...world.container, ledger: metered(world, units) };
  await world.refresh('acme', {}, container);
  world.fault = () => undefined;
  const { generation } = await world.record('acme');
  if (generation !== 2) throw new Error(`${what}: no refresh was counted`);
  const events = world.events.accepted.length - told;
  const vault = counts.vault + world.parameters.puts - parameters;
  // Due at half of its life, taken by the first tick after that.
  const everySeconds = Math.ceil(lifeSeconds / 2 / TICK_SECONDS) * TICK_SECONDS;
  const refreshes = Math.round(MONTH_SECONDS / everySeconds);
  const lanes = settings.publish === 'none' ? 0 : laneCount(lifeSeconds * 1000, world.timing.dayMs);
  const secrets = lanes + 1;
  const each =
    counts.vault * PRICES.secretCall.usd +
    units.write * PRICES.writeUnit.usd +
    units.read * PRICES.readUnit.usd +
    events * PRICES.event.usd;
  const usd = refreshes * each + secrets * PRICES.secretMonth.usd;
  return { what, refreshes, ledger: counts.ledger, quota: counts.quota, vault, events, secrets, usd };
}

/** The ledger of a world, with the units that DynamoDB charges for reads and writes of records and of the index by time. */
function metered({ ledger }: World, units: { read: number; write: number }): Ledger<CredentialRecord> {
  return {
    load: async (credential) => {
      const record = await ledger.load(credential);
      units.read += record ? Math.ceil(bytesOf(record) / (4 * KB)) : 1;
      return record;
    },
    save: async (record) => {
      const before = ledger.items().find(({ credential }) => credential === record.credential);
      await ledger.save(record);
      units.write += Math.ceil(bytesOf(record) / KB);
      // A new key of the index is a deletion and a new entry there.
      if (before?.dueAtMs !== record.dueAtMs) units.write += 2;
    },
    due: (...args) => ledger.due(...args),
    list: (options) => ledger.list(options),
    sharing: (quotaKey) => ledger.sharing(quotaKey),
    attention: (kind) => ledger.attention(kind),
  };
}

function bytesOf(record: CredentialRecord): number {
  const { pair, ...others } = record;
  return (
    JSON.stringify({ ...others, pair: { ...pair, sealedAccess: '', sealedRefresh: '' } }).length +
    2 * SEALED_BYTES
  );
}

/** The rows as a table of docs/scale.md. */
export function costTable(rows: readonly CostRow[]): string {
  const lines = rows.map(({ what, refreshes, ledger, quota, vault, events, secrets, usd }) => {
    const cells = [what, refreshes, ledger, quota, vault, events, secrets, `$${usd.toFixed(2)}`];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| tokens | refreshes a month | ledger | quota | vault | events | secrets | a month |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
