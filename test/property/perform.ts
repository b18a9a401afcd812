import { reseedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { recoverChain } from '../../shared/refresh/recovery/recover-chain.ts';
import type { RefreshTrigger } from '../../shared/refresh/step.ts';
import { StoreUnavailableError } from '../../shared/table/table.ts';
import type { Container } from '../crash/container.ts';
import type { ProtocolWorld } from '../crash/protocol-world.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import type { Cues } from './cues.ts';
import { lifecycleAction } from './lifecycle-action.ts';
import type { Actor, Ask } from './story.ts';

/** Does what the role asks of the container, one task after the other; `asks` gets what came of each. */
export async function perform(
  world: ProtocolWorld,
  container: Container,
  role: Actor,
  cues: Cues,
  asks: string[],
): Promise<void> {
  for (const { afterCalls, pauseMs, ask } of role.tasks) {
    await cues.at(afterCalls);
    await container.context.clock.sleep(pauseMs);
    const result = await answer(world, container, ask).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailableError)) throw error;
      return 'store-unavailable';
    });
    asks.push(`${container.name} ${ask}: ${JSON.stringify(result)}`);
  }
}

function answer(world: ProtocolWorld, container: Container, ask: Ask): Promise<unknown> {
  const { context } = container;
  switch (ask) {
    case 'due':
      return container.refresh();
    case 'force':
      return container.refresh({ force: true });
    case 'refused': {
      const trigger: RefreshTrigger = { ifGeneration: world.record.generation, refused: true };
      return container.refresh(trigger);
    }
    case 'recover':
      return container.invoke(() => recoverChain(context, CREDENTIAL));
    case 'reseed': {
      const refreshToken = world.provider.login();
      const chain = world.random.id();
      return container.invoke(() => reseedChain(context, { credential: CREDENTIAL, chain, refreshToken }));
    }
    case 'pause':
    case 'resume':
    case 'remove':
      return container.invoke(() => lifecycleAction(container, world, ask));
  }
}
