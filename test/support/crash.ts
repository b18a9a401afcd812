import { applyTransition } from '../../shared/credential/apply-transition.ts';
import type { Attempt } from '../../shared/credential/credential.ts';
import { begin } from '../../shared/credential/transitions/attempt.ts';
import type { World } from './world.ts';

/** What a container leaves in the ledger that dies right after begin: an attempt, and nothing else. */
export async function crashAfterBegin(world: World, credential: string): Promise<Attempt> {
  const { clock, timing, random } = world;
  const { generation } = await world.record(credential);
  const nowMs = clock.nowMs();
  const attempt: Attempt = {
    id: random.id(),
    purpose: 'refresh',
    generation,
    beganAtMs: nowMs,
    storeByMs: nowMs + timing.storeByMs,
    leaseUntilMs: nowMs + timing.leaseMs,
  };
  await applyTransition(world.container, credential, (record) => begin(record, attempt));
  return attempt;
}
