import { CREDENTIAL } from '../crash/surroundings.ts';
import {
  ABOUT_TO_MS,
  credentialDue,
  credentialPaused,
  leaseEnds,
  OTHER,
  onePermit,
  slotTurns,
  tokenExpired,
  tokenExpires,
} from './beginnings.ts';
import { FAULTS } from './faults.ts';
import { mustLive, mustOpen, operator, reader, refresher, TICK_WRITES, tick } from './parties.ts';
import type { Task } from './sweep.ts';
import type { Party, WorldModel } from './world-model.ts';

/** What the provider gave a person at the second login. */
const TYPED = 'fake-refresh-1-of-grant-2';
const ALL_SECRETS = ['vault acme/*', 'vault seal/*'];
const NEW = {
  token_url: 'https://provider.example/auth/oauth/v2/token',
  scope: 'fake-scope',
  client: { client_id: 'fake-id', client_secret: 'fake-secret' },
  refresh_token: TYPED,
  user_agent: 'fake-code',
  force: true,
};
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

const NEXT_LANE: Partial<Party> = { writes: [...TICK_WRITES, 'vault acme/token/1'] };
const GRANTS = [
  { credential: CREDENTIAL, grants: ['grant-1'] },
  { credential: OTHER, grants: ['grant-2'] },
];
const ONLY = (credential: string) => [`ledger ${credential}`, 'quota *', 'provider', `vault ${credential}/*`];
const TWO_CREDENTIALS: readonly Party[] = [
  { ...refresher('A', CREDENTIAL), writes: [...ONLY(CREDENTIAL), 'timestamps #refused:*'] },
  { ...refresher('B', OTHER), writes: [...ONLY(OTHER), 'timestamps #refused:*'] },
];

/** The worlds that are gone through, the smallest first. */
export const WORLDS: readonly WorldModel[] = [
  command('pause', [{ action: 'pause', ...one }]),
  command('resume', [{ action: 'resume', ...one }], { prepare: credentialPaused }),
  {
    name: 'two-ticks',
    about: 'two ticks on one credential',
    prepare: credentialDue,
    parties: [tick('A'), tick('B')],
    areAlike: true,
  },
  {
    name: 'three-ticks',
    about: 'three ticks on one credential',
    prepare: credentialDue,
    parties: [tick('A'), tick('B'), tick('C')],
    areAlike: true,
    isWide: true,
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
    parties: [tick('A'), reader('reader', mustOpen)],
    moments: 0,
  },
  {
    name: 'token-expires',
    about: 'a tick and a reader, 3 s before the token expires',
    prepare: tokenExpires,
    parties: [tick('A'), reader('reader', mustLive)],
    moments: 1,
  },
  {
    name: 'lease-ends',
    about: 'two ticks, 3 s before the lease of a dead process ends',
    prepare: leaseEnds,
    parties: [tick('A'), tick('B')],
    areAlike: true,
  },
  {
    name: 'slot-turns',
    about: 'two ticks, 3 s before the next lane has its turn',
    prepare: slotTurns,
    parties: [tick('A', NEXT_LANE), tick('B', NEXT_LANE)],
    areAlike: true,
    moments: 1,
  },
  {
    name: 'one-permit',
    about: 'two credentials that are due, and one permit for both',
    prepare: onePermit(),
    parties: TWO_CREDENTIALS,
    watched: GRANTS,
  },
  {
    name: 'permit-comes-free',
    about: 'two credentials that are due, 3 s before the one permit comes free',
    prepare: onePermit(ABOUT_TO_MS),
    parties: TWO_CREDENTIALS,
    watched: GRANTS,
  },
  command('force', [{ action: 'refresh', force: true, ...one }]),
  command('reseed', [{ action: 'reseed', refresh_token: TYPED, ...one }]),
  command('update', [{ action: 'update', client: { client_secret: 'fake-client-secret-2' }, ...one }], {}, [
    'vault acme/client',
  ]),
  command('recover', [{ action: 'recover', ...one }]),
  command('remove', [{ action: 'remove', ...one }], { endStates: ['removed'] }, ALL_SECRETS),
  command(
    'register-again',
    [
      { action: 'remove', ...one },
      { action: 'register', provider: 'bs2', ...NEW, ...one },
    ],
    { endStates: ['removed'], client: NEW.client },
    ALL_SECRETS,
  ),
  command('rotate-seal', [{ action: 'rotate-seal' }], {}, [
    'vault seal/access',
    'vault seal/refresh',
    'timestamps #seal-rotation',
  ]),
];

/** The world of that name. Throws a RangeError if there is none. */
export function worldNamed(name: string): WorldModel {
  const found = WORLDS.find((world) => world.name === name);
  if (found) return found;
  throw new RangeError(`--world: expected one of ${WORLDS.map(({ name: known }) => known).join(', ')}`);
}

/** Worlds that are gone through with any two faults, as far as a budget of time goes. */
const WITH_TWO_FAULTS = ['tick-and-pause', 'tick-and-resume', 'two-ticks', 'one-permit', 'tick-and-update'];

/** Each world without a fault, and with one of each kind, the most states first as far as they are known. */
export function tasksOf(budgetMs: number, statesOf: (task: Task) => number = () => 0): Task[] {
  const all = WORLDS.flatMap(({ name: world, isWide }) => [
    ...(isWide ? [] : withEachFault(world, budgetMs)),
    { world, faults: 0, budgetMs },
  ]);
  return all.sort((one, other) => statesOf(other) - statesOf(one));
}

/** Three parties with a fault, and two faults: each as far as so much time goes. */
export function wideTasksOf(budgetMs: number): Task[] {
  const worlds = WORLDS.filter(({ isWide }) => isWide).map(({ name }) => name);
  const all = [
    ...worlds.flatMap((world) => withEachFault(world, budgetMs)),
    ...WITH_TWO_FAULTS.map((world): Task => ({ world, faults: 2, budgetMs })),
  ];
  return all.map((task) => ({ ...task, isWide: true }));
}

function withEachFault(world: string, budgetMs: number): Task[] {
  return FAULTS.map((kind) => ({ world, faults: 1, kind, budgetMs }));
}
