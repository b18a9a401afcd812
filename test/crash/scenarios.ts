import assert from 'node:assert/strict';
import { rotateSeal, type SealRotation } from '../../shared/refresh/operator/rotate-seal.ts';
import { reseedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { afterDeathAt, due, hindered, registered, soon, warm } from './beginnings.ts';
import type { Container } from './container.ts';
import type { Hindrance } from './faults.ts';
import type { ProtocolWorld } from './protocol-world.ts';
import { CREDENTIAL } from './surroundings.ts';

/** One piece of work that is interrupted at each of its calls. */
export interface Scenario {
  readonly name: string;
  /** Brings the world to the start. `victim` is the container that will be struck. */
  prepare(world: ProtocolWorld, victim: Container): Promise<void>;
  act(victim: Container, world: ProtocolWorld): Promise<unknown>;
  /** Begins with the act, hits everybody. */
  readonly outage?: Hindrance;
  /**
   * The only cells that may cost the chain: the provider has rotated, and either its answer is lost or the process
   * ends before the first store has acknowledged the new pair.
   */
  readonly unsavable: readonly string[];
  /** What else must hold ten minutes later. */
  check?(world: ProtocolWorld, medic: Container): Promise<void>;
}

const NEW_CHAIN = 'chain-of-the-reseed';

/** The answer of the provider never arrives. */
const UNANSWERED = [
  'provider post × crash after',
  'provider post × error after',
  'provider post × hang after',
];
/** The process dies with the answer in its memory; the permit is settled beside the keep. */
const UNKEPT = [...UNANSWERED, 'quota load bs2 (2) × crash before', 'ledger save keep × crash before'];
/** As long as the ledger refuses, the pair is in memory only until the rescue secret has it. */
const UNRESCUED = [
  ...UNKEPT,
  'quota load bs2 (2) × crash after',
  'quota save bs2 (2) × crash before',
  'quota save bs2 (2) × crash after',
  'ledger load acme (2) × crash before',
  'vault put acme/rescue × crash before',
  // The secret is not there yet: a put is refused and nothing is stored.
  'vault put acme/rescue × crash after',
  'vault create acme/rescue × crash before',
];

const isKeep: Hindrance = ({ port, name }) => port === 'ledger' && name === 'keep';
/** True once the post of generation 3 has been answered. */
const answered = (world: ProtocolWorld) => world.posts[2]?.issued !== undefined;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first refresh after registration',
    unsavable: UNKEPT,
    prepare: registered,
    act: (victim) => victim.refresh(),
  },
  { name: 'refresh at half-life, cold', unsavable: UNKEPT, prepare: due, act: (victim) => victim.refresh() },
  { name: 'refresh at half-life, warm', unsavable: UNKEPT, prepare: warm, act: (victim) => victim.refresh() },
  {
    name: 'refresh for a reader whose token was refused',
    unsavable: UNKEPT,
    prepare: async (world) => {
      await due(world);
      await soon(world, world.container('before').refresh());
      await world.clock.advance(1000);
    },
    act: (victim) => victim.refresh({ ifGeneration: 3, refused: true }),
  },
  {
    name: 'refresh while the vault is away for a minute',
    unsavable: UNKEPT,
    prepare: warm,
    act: (victim) => victim.refresh(),
    outage: outageOf(60_000, ({ port }) => port === 'vault'),
  },
  {
    name: 'refresh whose keep the ledger refuses for 20 seconds',
    unsavable: [...UNRESCUED, 'ledger load acme (2) × crash after', 'ledger save keep (2) × crash before'],
    prepare: due,
    act: (victim) => victim.refresh(),
    outage: outageOf(20_000, isKeep),
  },
  {
    name: 'refresh whose ledger is away for 3 minutes from the answer on',
    unsavable: UNRESCUED,
    prepare: due,
    act: (victim) => victim.refresh(),
    outage: outageOf(180_000, ({ port }, world) => port === 'ledger' && answered(world)),
  },
  {
    name: 'adoption of a rescue copy',
    unsavable: [],
    prepare: async (world) => {
      await due(world);
      await hindered(world, isKeep);
      await world.clock.advance(10_000);
    },
    act: (victim) => victim.refresh(),
  },
  {
    name: 'repair of a publish',
    unsavable: [],
    prepare: async (world) => {
      await due(world);
      await hindered(world, ({ port, operation }) => port === 'vault' && operation === 'put');
      await world.clock.advance(30_000);
    },
    act: (victim) => victim.refresh(),
  },
  {
    name: 'finish of an attempt that was kept',
    unsavable: [],
    prepare: (world) => afterDeathAt(world, 'vault put acme/token/0', 'its lease is over'),
    act: (victim) => victim.refresh(),
  },
  {
    name: 'resolution of an attempt without a trace',
    unsavable: UNKEPT,
    prepare: (world) => afterDeathAt(world, 'provider connect', 'its absence counts'),
    act: (victim) => victim.refresh(),
  },
  {
    name: 'retry after an unknown outcome',
    unsavable: UNKEPT,
    prepare: async (world) => {
      await due(world);
      await hindered(world, ({ operation }) => operation === 'post');
      await world.clock.advance(10_000);
    },
    act: (victim) => victim.refresh(),
  },
  {
    name: 'reseed',
    unsavable: [],
    prepare: due,
    act: (victim, world) => reseed(victim, world),
    check: async (world) => {
      const [last] = [...world.provider.issued.values()].filter(({ grant }) => grant === 'grant-2');
      const isNew = world.record.chain === NEW_CHAIN;
      assert.equal(
        last?.spent ?? false,
        isNew,
        'the new refresh token is spent exactly when its chain is current',
      );
    },
  },
  {
    name: 'reseed, and the refresh after it',
    // The chain before goes on when nobody can save the new one.
    unsavable: [],
    prepare: due,
    act: async (victim, world) => {
      await reseed(victim, world);
      await victim.refresh();
    },
  },
  {
    name: 'rotation of the seal keys',
    unsavable: [],
    prepare: due,
    act: (victim, world) => rotate(victim, world),
    check: async (world, medic) => {
      const ended = await soon(world, rotate(medic, world));
      assert.equal(ended.unfinished, undefined);
      await world.clock.advance(1000);
      const { resealed } = await soon(world, rotate(medic, world));
      assert.equal(resealed, 1);
      const cold = world.container('cold');
      assert.equal((await soon(world, cold.refresh({ force: true }))).result, 'refreshed');
    },
  },
];

function reseed(victim: Container, world: ProtocolWorld): Promise<unknown> {
  const refreshToken = world.provider.login();
  return victim.invoke(() =>
    reseedChain(victim.context, { credential: CREDENTIAL, chain: NEW_CHAIN, refreshToken }),
  );
}

function rotate(container: Container, { names }: ProtocolWorld): Promise<SealRotation> {
  const rings = { store: container.secrets, names: [names.accessRing, names.refreshRing] };
  return container.invoke((run) => rotateSeal(container.context, rings, run));
}

/** Hinders from its first call on, for so long. */
function outageOf(ms: number, hits: Hindrance): Hindrance {
  const ends = new WeakMap<ProtocolWorld, number>();
  return (call, world) => {
    const nowMs = world.clock.monotonicMs();
    if (!hits(call, world)) return false;
    const endMs = ends.get(world) ?? nowMs + ms;
    ends.set(world, endMs);
    return nowMs < endMs;
  };
}
