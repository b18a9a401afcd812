// docs/second-region.md, "When the first region is gone": the second goes on with a copy of the ledger that is behind, and
// with the lanes that were replicated.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Summary } from '../../shared/admin/summary.ts';
import type { RecoverResult } from '../../shared/refresh/recovery/recover-chain.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { eventually } from './eventually.ts';
import { administer, copyLedger, copySecrets, type Region, replicateLanes } from './hand-over.ts';
import { operatorOf } from './operator.ts';
import { sandboxClient } from './sandbox-client.ts';

const ENV = 'prd';
const PARTS = ['--env', ENV, '--scale', '30'];
/** The lanes of these are replicated, those of the last are not. */
const [REPLICATED, BARE] = [['acme', 'beta'], 'gamma'];
const IDS = [...REPLICATED, BARE];

describe('a region that is gone', { timeout: 300_000 }, () => {
  test('is replaced by a second one, which adopts the pairs of replicated lanes and loses no other', async (t) => {
    const provider = await startStackProcess(t, [...PARTS, '--provider-only']);
    const sandbox = sandboxClient(provider.providerUrl);
    const start = async () => {
      const stack = await startStackProcess(t, [...PARTS, '--no-provider']);
      return { stack, region: { env: ENV, awsUrl: stack.awsUrl } satisfies Region };
    };
    const [first, second] = [await start(), await start()];
    const operators = [first, second].map(({ region }) => operatorOf(t, ENV, region.awsUrl));
    const [before, after] = operators as [(typeof operators)[0], (typeof operators)[0]];
    for (const id of IDS) await before.register(id, sandbox);

    await copySecrets(first.region, second.region);
    await copyLedger(first.region, second.region, IDS);
    const copied = byId(await after.list());
    assert.deepEqual(
      IDS.map((id) => copied[id]?.state),
      ['paused', 'paused', 'paused'],
      'the copy refreshes nothing',
    );

    await eventually('the first region has spent every pair of the copy', async (seen) => {
      const now = byId(await before.list());
      seen(now);
      return IDS.every((id) => generation(now, id) > generation(copied, id)) || undefined;
    });
    // Nothing is refreshed after the lanes were read, so that all of their pairs are the newest.
    await sandbox.orderFaults({ kind: 'http-503', count: 1000 });
    const newest = await eventually('all that the provider issued is published', async (seen) => {
      const now = await before.list();
      seen(now);
      const isSettled = ({ attempt_until, generation, published_generation }: Summary) =>
        !attempt_until && published_generation === generation;
      return now.every(isSettled) ? byId(now) : undefined;
    });
    for (const id of REPLICATED) await replicateLanes(first.region, second.region, id);
    await first.stack.kill();
    assert.deepEqual(byId(await after.list()), copied, 'the second region has waited');
    await sandbox.orderFaults({ kind: 'http-503', count: 0 });

    const { credentials } = await administer<{ readonly credentials: readonly RecoverResult[] }>(
      second.region,
      { action: 'recover' },
    );
    const recovered = credentials.map(({ credential, result, generation }) => [
      credential,
      result,
      generation,
    ]);
    assert.deepEqual(recovered.sort(), [
      ...REPLICATED.map((id) => [id, 'recovered', generation(newest, id)]),
      [BARE, 'up-to-date', generation(copied, BARE)],
    ]);
    for (const credential of IDS) {
      await administer(second.region, { action: 'resume', credential, force: true });
    }

    const settled = await eventually(
      'the second region refreshes, or has found a chain ended',
      async (seen) => {
        const now = byId(await after.list());
        seen(now);
        const goesOn = REPLICATED.every((id) => generation(now, id) > generation(newest, id));
        return goesOn && now[BARE]?.state === 'lapsed' ? now : undefined;
      },
    );
    assert.deepEqual(
      REPLICATED.map((id) => settled[id]?.state),
      ['active', 'active'],
    );
    assert.equal(settled[BARE]?.reason, 'grant-refused');
    const { reused_refresh_tokens } = await sandbox.stats();
    // For the bare one alone: twice, and once more where no other had been served since the first refusal.
    assert.ok(
      [2, 3].includes(reused_refresh_tokens),
      `spent tokens were posted ${reused_refresh_tokens} times`,
    );

    await after.reseed(BARE, sandbox);
    for (const id of IDS) {
      await eventually(`a token of ${id} that the provider takes`, async () => {
        const { access_token } = await after.read(id);
        return (await sandbox.openResource(access_token)) === 200 || undefined;
      });
    }
  });
});

function byId(list: readonly Summary[]): Readonly<Record<string, Summary>> {
  return Object.fromEntries(list.map((summary) => [summary.credential, summary]));
}

function generation(list: Readonly<Record<string, Summary>>, id: string): number {
  return list[id]?.generation ?? Number.NaN;
}
