import { soon } from '../crash/beginnings.ts';
import { ProtocolWorld } from '../crash/protocol-world.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import { lifecycleMove } from '../property/lifecycle-move.ts';
import { operator, reader, TICK_WRITES, tick } from './parties.ts';
import { type Beginning, beginningOf } from './small-world.ts';
import type { WorldModel } from './world-model.ts';

const LANES = 12;
const HALF_LIFE_MS = 150_000;
const LIFE_MS = 300_000;

/** Refreshed twice by somebody else; an inventory was taken by the last tick. Then this much time goes by. */
async function refreshedTwice(restMs: number): Promise<ProtocolWorld> {
  const world = new ProtocolWorld();
  await world.register({}, LANES);
  // The token that an operator will type.
  world.provider.login();
  const other = world.container('predecessor');
  await soon(world, other.tick());
  await world.clock.advance(245_000);
  await soon(world, other.tick());
  await world.clock.advance(restMs);
  return world;
}

const credentialDue = async (): Promise<Beginning> => beginningOf(await refreshedTwice(HALF_LIFE_MS));
const tokenExpired = async (): Promise<Beginning> => beginningOf(await refreshedTwice(LIFE_MS + 1000));
const credentialPaused = async (): Promise<Beginning> => {
  const world = await refreshedTwice(HALF_LIFE_MS);
  await lifecycleMove(world.container('operator'), world, 'pause');
  return beginningOf(world);
};

/** What the provider gave a person at the second login. */
const TYPED = 'fake-refresh-1-of-grant-2';
const ALL_SECRETS = ['vault acme/*', 'vault seal/*'];
const one = { credential: CREDENTIAL };

const command = (
  name: string,
  commands: readonly object[],
  more: Partial<WorldModel> = {},
  writes: readonly string[] = [],
): WorldModel => ({
  name: `tick-and-${name}`,
  about: `a tick beside the command \`${name}\``,
  prepare: credentialDue,
  parties: [tick('A'), operator('operator', commands, { writes: [...TICK_WRITES, ...writes] })],
  ...more,
});

/** The worlds that are gone through, the smallest first. */
export const WORLDS: readonly WorldModel[] = [
  command('pause', [{ action: 'pause', ...one }]),
  command('resume', [{ action: 'resume', ...one }], { prepare: credentialPaused }),
  {
    name: 'two-ticks',
    about: 'two ticks on one credential',
    prepare: credentialDue,
    parties: [tick('A'), tick('B')],
  },
  {
    name: 'two-clocks',
    about: 'two ticks in containers whose clocks are 3 s apart',
    prepare: credentialDue,
    parties: [tick('A'), tick('B', { skewMs: 3000 })],
  },
  {
    name: 'tick-and-reader',
    about: 'a tick, and a reader whose token has expired',
    prepare: tokenExpired,
    // The inventory of before is as old as the token.
    parties: [tick('A', { writes: [...TICK_WRITES, 'timestamps #inventory'] }), reader('reader')],
  },
  command('force', [{ action: 'refresh', force: true, ...one }]),
  command('reseed', [{ action: 'reseed', refresh_token: TYPED, ...one }]),
  command('update', [{ action: 'update', client: { client_secret: 'fake-client-secret-2' }, ...one }], {}, [
    'vault acme/client',
  ]),
  command('recover', [{ action: 'recover', ...one }]),
  command('remove', [{ action: 'remove', ...one }], { endStates: ['removed'] }, ALL_SECRETS),
  command('rotate-seal', [{ action: 'rotate-seal' }], {}, ['vault seal/access', 'vault seal/refresh']),
];

/** The world of that name. Throws a RangeError if there is none. */
export function worldNamed(name: string): WorldModel {
  const found = WORLDS.find((world) => world.name === name);
  if (found) return found;
  throw new RangeError(`--world: expected one of ${WORLDS.map(({ name: known }) => known).join(', ')}`);
}
