import type { Scheduler } from 'fast-check';
import type { Container } from '../crash/container.ts';
import { ProtocolWorld } from '../crash/protocol-world.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { begin } from './beginnings.ts';
import { Cues } from './cues.ts';
import { lifecycleAction } from './lifecycle-action.ts';
import { perform } from './perform.ts';
import { scheduled } from './scheduled-passage.ts';
import type { Story } from './story.ts';
import { TrackingClock } from './tracking-clock.ts';
import { Witness } from './witness.ts';

/** What a story came to. */
export interface Told {
  readonly world: ProtocolWorld;
  readonly witness: Witness;
  readonly steps: number;
  readonly asks: readonly string[];
}

const MOST_STEPS = 2000;
const EPILOGUE_MINUTES = 10;

/** Plays the story in the order that the scheduler picks, looks after each step, and lets ticks fix the rest. */
export async function play(scheduler: Scheduler, story: Story): Promise<Told> {
  const witness = new Witness();
  const clock = new TrackingClock();
  const world = new ProtocolWorld(witness, clock);
  witness.watch(world);
  await world.register({ quota: { key: 'bs2', limit: story.quotaLimit, windowMs: 60_000 } });
  await begin(world, story.begun);
  const calm = { is: false };
  const behind = [...story.behind];
  world.isBehind = () => !calm.is && (behind.shift() ?? false);

  const cues = new Cues();
  const done = new Set<Container>();
  const asks: string[] = [];
  const cast = [...story.actors, story.admin].map((role, place) => {
    const name = place === story.actors.length ? 'admin' : `refresher-${place + 1}`;
    const container: Container = world.container(
      name,
      scheduled(scheduler, world, role, () => container, calm, cues),
    );
    void perform(world, container, role, cues, asks)
      .catch((error: unknown) => witness.broke(error))
      .finally(() => done.add(container));
    return container;
  });

  let passing = 0;
  const time = [...story.steps];
  const letTimePass = () => {
    const ms = time.shift();
    if (ms === undefined) return;
    void scheduler.schedule(Promise.resolve(), `${ms} ms pass`).then(() => {
      passing = ms;
    });
  };
  letTimePass();
  let steps = 0;
  const isOver = () => cast.every((container) => container.isDead || done.has(container));
  for (; steps < MOST_STEPS && witness.violations.length === 0 && !isOver(); steps += 1) {
    await turn();
    await look(world, witness);
    if (scheduler.count() > 0) await scheduler.waitOne();
    else if (!cues.giveNext()) {
      const ms = clock.untilNextMs;
      if (ms === undefined) break;
      await clock.advance(ms);
    }
    if (passing > 0) {
      await clock.advance(passing);
      passing = 0;
      letTimePass();
    }
  }
  calm.is = true;
  while (scheduler.count() > 0) await scheduler.waitOne();
  await look(world, witness);
  await fix(world, cast, witness);
  return { world, witness, steps, asks };
}

/** Everything works again: a new container and whoever lives tick, a paused credential is resumed. */
async function fix(world: ProtocolWorld, cast: readonly Container[], witness: Witness): Promise<void> {
  const medic = world.container('medic');
  if (world.record.state === 'paused') await lifecycleAction(medic, world, 'resume');
  for (let minute = 0; minute < EPILOGUE_MINUTES; minute += 1) {
    await world.ticks(1, [medic, ...cast]);
    await look(world, witness);
  }
}

async function look(world: ProtocolWorld, witness: Witness): Promise<void> {
  const stored = await world.secrets.get(world.names.rescue(CREDENTIAL));
  witness.rescuedPair = stored && JSON.parse(stored.value.reveal());
  witness.look();
}

/** Lets everything run that need not wait. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
