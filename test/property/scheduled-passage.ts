import type { Scheduler } from 'fast-check';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import type { Container } from '../crash/container.ts';
import type { Passage } from '../crash/port-calls.ts';
import type { ProtocolWorld } from '../crash/protocol-world.ts';
import type { Cues } from './cues.ts';
import type { Actor } from './story.ts';

/** Calls that are held up longer than this never arrive: their connections are closed. */
const LANDING_MS = 15_000;
/** Every call waits for its turn on both sides of its effect. */
export function scheduled(
  scheduler: Scheduler,
  world: ProtocolWorld,
  { crash, faults }: Actor,
  container: () => Container,
  calm: { readonly is: boolean },
  cues: Cues,
): Passage {
  let calls = 0;
  const places = new WeakMap<object, number>();
  const strike = (place: number, side: 'before' | 'after') => {
    if (
      !calm.is &&
      faults.some((fault) => fault.side === side && place >= fault.call && place < fault.call + fault.length)
    )
      throw new StoreUnavailableError('on demand');
  };
  const turnOf = (label: string) =>
    calm.is ? Promise.resolve() : scheduler.schedule(Promise.resolve(), label);
  return {
    async before(call) {
      const place = calls;
      calls += 1;
      cues.count();
      places.set(call, place);
      const sentAtMs = world.clock.monotonicMs();
      const label = `${call.container}: ${call.port} ${call.operation} ${call.name}`;
      await turnOf(`→ ${label}`);
      if (place === crash?.call && !calm.is) {
        container().isDead = true;
        if (!crash.lands) await new Promise(() => undefined);
      }
      if (call.port !== 'provider' && world.clock.monotonicMs() - sentAtMs > LANDING_MS)
        throw new StoreUnavailableError('never arrived');
      strike(place, 'before');
    },
    async after(call) {
      await turnOf(`← ${call.container}: ${call.port} ${call.operation} ${call.name}`);
      strike(places.get(call) ?? -1, 'after');
    },
  };
}
