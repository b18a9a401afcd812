import { applyTransition } from '../../shared/credential/apply-transition.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import type { Container } from '../crash/container.ts';
import type { ProtocolWorld } from '../crash/protocol-world.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';

/**
 * What came before. `lost`: somebody died with a new pair in its memory. `rescued`: somebody could store it in the
 * rescue secret only; `rescued late`: just before its lease ended. `kept`: somebody died before it could publish.
 * `aside`: what was spent last came too late, and is a spare.
 */
export const BEGINNINGS = [
  'registered',
  'refreshed',
  'lost',
  'rescued',
  'rescued late',
  'kept',
  'aside',
] as const;
export type Beginning = (typeof BEGINNINGS)[number];

const HALF_LIFE_MS = 150_000;
/** The slowest answer that is waited for, but for a second. */
const SLOW_ANSWER_MS = 38_000;

/** Brings a credential that was just registered there. */
export async function begin(world: ProtocolWorld, begun: Beginning): Promise<void> {
  if (begun === 'registered') return;
  const { leaseMs, storeByMs, quietMs } = world.timing;
  const container = predecessor(world, begun);
  const startMs = world.clock.monotonicMs();
  void container.refresh().catch(() => undefined);
  const waits: Partial<Record<Beginning, number>> = { refreshed: HALF_LIFE_MS, lost: storeByMs + quietMs };
  await world.clock.advance(startMs + (waits[begun] ?? leaseMs) - world.clock.monotonicMs());
  if (begun === 'aside') await putAside(world, container);
}

function predecessor(world: ProtocolWorld, begun: Beginning): Container {
  const fatal: Partial<Record<Beginning, string>> = { lost: 'keep', kept: 'acme/token/0' };
  const container: Container = world.container('predecessor', {
    async before({ name }) {
      if (name === fatal[begun]) {
        container.isDead = true;
        await new Promise(() => undefined);
      }
      if (name === 'keep' && begun !== 'refreshed' && begun !== 'kept') {
        throw new StoreUnavailableError('an outage of the ledger');
      }
    },
    async after({ operation }) {
      if (operation === 'post' && begun === 'rescued late') await world.clock.sleep(SLOW_ANSWER_MS);
    },
  });
  return container;
}

/** The rescued pair is a spare in the ledger instead, its attempt is over. */
async function putAside(world: ProtocolWorld, { context }: Container): Promise<void> {
  const pair = await context.rescue.get(CREDENTIAL);
  if (!pair) throw new Error('nothing was rescued');
  const due = { refreshAtMs: world.clock.nowMs(), attempt: undefined };
  await applyTransition(context, CREDENTIAL, (record) => ({
    ...record,
    ...due,
    aside: { ...record.aside, spares: [pair] },
  }));
  await world.secrets.remove(world.names.rescue(CREDENTIAL), 7);
}
