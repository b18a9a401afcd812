import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FUNCTIONS } from '../../shared/config/functions.ts';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import { amount } from '../runner/amount.ts';
import { type Cell, type FaultProxy, startFaultProxy, WIRE_FAULTS, type WireFault } from './fault-proxy.ts';
import { type ChainOutcome, inOrder } from './in-order.ts';
import { type LocalWorld, startLocalWorld, wiredAt } from './local-world.ts';

const POST = 'POST token 1';
/** The requests of one refresh, in order; the permit is settled beside the keep. Key rings are in memory already. */
const STEPS = [
  'GetItem credentials 1',
  'GetSecretValue client 1',
  'GetItem quota 1',
  'PutItem quota 1',
  'PutItem credentials 1',
  POST,
  'GetItem quota 2',
  'PutItem quota 2',
  'PutItem credentials 2',
  'PutSecretValue token 1',
  'PutEvents 1',
  'PutItem credentials 3',
];

/** The provider has rotated, and its answer is lost or the container is cut off before a store acknowledged it. */
const UNSAVABLE = [
  'POST token 1 × reset after',
  'POST token 1 × cut after',
  'PutItem credentials 2 × cut before',
];
/** The permit is settled beside the keep: whether this was through before the cut is a race. */
const EITHER = ['GetItem quota 2', 'PutItem quota 2'].flatMap((step) => [
  `${step} × cut before`,
  `${step} × cut after`,
]);
/** Of so many cells of the table one is tried: in the next row the next ones, so that each fault is. */
const ONE_OF = amount({ test: 4, prove: 1 });
/** A lease is 5 s, of which 667 ms are for what comes before the post; 10 s where all cells are tried. */
const SCALE = amount({ test: 12, prove: 6 });
/** Cells at work at the same time: most of the time goes into waiting for leases and time-outs. */
const CONCURRENCY = 12;

test('each request of a refresh on the real adapters × each fault of the wire', {
  timeout: 900_000,
}, async (t) => {
  const world = await startLocalWorld(t, SCALE);
  const proxy = await startFaultProxy(world.awsUrl);
  t.after(() => proxy.stop());
  assert.deepEqual((await undisturbed(world, proxy)).sort(), [...STEPS].sort(), 'the requests of a refresh');

  const cells = STEPS.flatMap((step, row) =>
    WIRE_FAULTS.filter((_, column) => (row + column) % ONE_OF === 0).map((fault) => ({ step, fault })),
  );
  const struckCells = cells.map(({ step, fault }) => `${step} × ${fault}`);
  const lost: string[] = [];
  const broken: string[] = [];
  const work = cells.entries();
  const worker = async () => {
    for (const [place, strike] of work) {
      const name = `${strike.step} × ${strike.fault}`;
      try {
        if ((await struck(world, proxy, place + 1, strike)) === 'unsavable') lost.push(name);
      } catch (error) {
        broken.push(`${name}: ${error instanceof Error ? error.message : error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));

  t.diagnostic(`${cells.length} cells, lost unsavably: ${lost.join(', ')}`);
  assert.deepEqual(broken, []);
  assert.deepEqual(
    lost.filter((name) => !EITHER.includes(name)).sort(),
    UNSAVABLE.filter((name) => ONE_OF === 1 || struckCells.includes(name)).sort(),
  );
});

/** No cell of the table is there. */
const FAR_PLACE = 100_000;

/** The requests of a refresh that nothing disturbs, on a busy machine of one that was in time for its post. */
async function undisturbed(world: LocalWorld, proxy: FaultProxy, again = 20): Promise<string[]> {
  const { cell } = await startCell(world, proxy, FAR_PLACE + again);
  await refreshOnce(proxy, cell);
  cell.isOver = true;
  const requests = numbered(cell.requests);
  return requests.includes(POST) || again === 0 ? requests : undisturbed(world, proxy, again - 1);
}

type Strike = { readonly step: string; readonly fault: WireFault };

/** On a machine so busy that it was too late for the post, nothing was sent and nothing was struck: once more. */
async function struck(
  world: LocalWorld,
  proxy: FaultProxy,
  place: number,
  strike: Strike,
  again = 20,
): Promise<ChainOutcome> {
  const { cell, provider } = await startCell(world, proxy, place, strike);
  await refreshOnce(proxy, cell);
  cell.isOver = true;
  if (!wasMade(cell, strike.step)) {
    assert.ok(again > 0, 'the request that was to be struck was made');
    return struck(world, proxy, place + STEPS.length * WIRE_FAULTS.length, strike, again - 1);
  }
  return inOrder(world, cell.id, provider);
}

function wasMade({ requests }: Cell, step: string): boolean {
  const posts = STEPS.indexOf(step) < STEPS.indexOf(POST) || numbered(requests).includes(POST);
  return posts && numbered(requests).includes(step);
}

async function startCell(world: LocalWorld, proxy: FaultProxy, place: number, strike?: Strike) {
  const id = `cell-${place}`;
  const provider = await world.startProvider();
  const cell: Cell = { id, providerUrl: provider.url, strike, requests: [], isCut: false, isOver: false };
  await world.register(id, { ...provider, tokenUrl: `${proxy.url}/${id}/auth/oauth/v2/token` });
  proxy.cells.set(id, cell);
  return { cell, provider };
}

/** One refresh by a container of its own, which gets no more time once it is cut off. */
async function refreshOnce(proxy: FaultProxy, cell: Cell): Promise<void> {
  const victim = await wiredAt(proxy.url, SCALE);
  const run = { remainingMs: () => (cell.isCut ? 0 : FUNCTIONS.refresh.timeoutSeconds * 1000) };
  await refreshCredential(victim, run, cell.id, { force: true, priority: 'reader' }).catch(() => undefined);
}

function numbered(labels: readonly string[]): string[] {
  return labels.map(
    (label, place) => `${label} ${labels.slice(0, place + 1).filter((other) => other === label).length}`,
  );
}
