import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { refreshCredential } from '../../shared/refresh/refresh-credential.ts';
import { eventually } from '../integration/eventually.ts';
import type { LocalWorld, OwnProvider } from './local-world.ts';

/** How a chain came out of it. */
export type ChainOutcome = 'lives' | 'unsavable';

const RUN = { remainingMs: () => 600_000 };

/**
 * Lets the medic refresh until a pair is kept and published that was issued later than everything before. A chain that
 * lapsed is `unsavable` only if the provider's own record proves it: it issued a pair that no store ever got, and
 * the ledger says that an unknown outcome came before. Rejects with whatever else is the case.
 */
export async function inOrder(
  world: LocalWorld,
  credential: string,
  provider: OwnProvider,
): Promise<ChainOutcome> {
  const issuedBefore = await issuedInTheEnd(provider);
  const record = await eventually(
    `a pair after number ${issuedBefore} of ${credential}`,
    async (seen) => {
      await refreshCredential(world.medic, RUN, credential, { force: true, priority: 'reader' }).catch(seen);
      const now = await world.record(credential);
      seen({ ...now, pair: undefined });
      const isPublished = now.publication.generation === now.generation && !now.attempt;
      return (isPublished && now.generation > issuedBefore) || now.state === 'lapsed' ? now : undefined;
    },
    { withinMs: 240_000, everyMs: 100 },
  );
  const { reused_refresh_tokens, issued } = provider.stats();
  if (record.state === 'active') {
    assert.equal(reused_refresh_tokens, 0, 'a spent token was posted, and the chain goes on');
    return 'lives';
  }
  assert.equal(record.generation, issued - 1, 'it lapsed, and every pair was kept');
  assert.equal(issued, issuedBefore, 'it lapsed, and a pair was issued later');
  // Twice (I8), or once if it is a token that somebody has just typed.
  assert.ok(
    [1, 2].includes(reused_refresh_tokens),
    `a spent token was posted ${reused_refresh_tokens} times`,
  );
  const { reason, afterUnknown } = record.lapse ?? {};
  assert.deepEqual({ reason, afterUnknown }, { reason: 'grant-refused', afterUnknown: true });
  return 'unsavable';
}

/** What was on its way when the container ended has arrived by the time nothing changes any more. */
async function issuedInTheEnd(provider: OwnProvider): Promise<number> {
  for (let before = -1; before !== provider.stats().token_requests; ) {
    before = provider.stats().token_requests;
    await delay(30);
  }
  return provider.stats().issued;
}
