import { timing } from '../../shared/config/timing.ts';
import type { QuotaLimit } from '../../shared/credential/settings.ts';
import { seedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { renderClient } from '../../shared/vault/stored-client.ts';
import { soon } from '../crash/beginnings.ts';
import type { Container } from '../crash/container.ts';
import { struckContainer } from '../crash/faults.ts';
import { ProtocolWorld } from '../crash/protocol-world.ts';
import { lifecycleAction } from '../property/lifecycle-action.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { bs2Settings } from '../support/records.ts';
import { refresher } from './parties.ts';
import { type Beginning, beginningOf } from './small-world.ts';

const LANES = 12;
const HALF_LIFE_MS = 150_000;
const LIFE_MS = 300_000;
/** How long before something ends a world begins in which it may end at any moment. */
export const ABOUT_TO_MS = 3000;
const MINUTE_MS = 60_000;
/** The second credential, where there are two. */
export const OTHER = 'bravo';
const { dayMs, quotaMarginMs } = timing(1);

/** Refreshed twice by somebody else; an inventory was taken by the last tick. Then this much time goes by. */
async function refreshedTwice(restMs: number, clock = new ManualClock()): Promise<ProtocolWorld> {
  const world = new ProtocolWorld({}, clock);
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

export const credentialDue = async (): Promise<Beginning> => beginningOf(await refreshedTwice(HALF_LIFE_MS));
export const tokenExpired = async (): Promise<Beginning> => beginningOf(await refreshedTwice(LIFE_MS + 1000));
export const tokenExpires = async (): Promise<Beginning> =>
  beginningOf(await refreshedTwice(LIFE_MS - ABOUT_TO_MS));
export const credentialPaused = async (): Promise<Beginning> => {
  const world = await refreshedTwice(HALF_LIFE_MS);
  await lifecycleAction(world.container('operator'), world, 'pause');
  return beginningOf(world);
};

/** Due as one lane's part of the day is about to end. */
export const slotTurns = async (): Promise<Beginning> => {
  const takesMs = (await refreshedTwice(HALF_LIFE_MS)).clock.monotonicMs();
  const startMs = Date.UTC(2026, 0, 1) + dayMs / LANES - ABOUT_TO_MS - takesMs;
  return beginningOf(await refreshedTwice(HALF_LIFE_MS, new ManualClock(startMs)));
};

/** Somebody died with an attempt begun and nothing sent; its lease is about to end. */
export const leaseEnds = async (): Promise<Beginning> => {
  const world = await refreshedTwice(HALF_LIFE_MS);
  const dead = struckContainer(world, 'deceased', undefined, ({ port, operation }) => {
    if (port === 'provider' && operation === 'connect') dead.container.isDead = true;
    return false;
  });
  dead.begin();
  void dead.container.refresh().catch(() => undefined);
  await world.clock.advance(world.timing.leaseMs - ABOUT_TO_MS);
  return beginningOf(world);
};

/**
 * Two credentials that are due, and one request a minute for both of them. With `aboutToMs` it was made for somebody
 * else, and the permit for the next one comes free so long from now.
 */
export const onePermit = (aboutToMs?: number) => async (): Promise<Beginning> => {
  const world = new ProtocolWorld();
  const quota = { key: 'bs2', limit: 1, windowMs: 60_000 };
  await world.register({ quota }, LANES);
  const other = world.container('predecessor');
  await registerOther(world, other, quota);
  await soon(world, other.refresh());
  await world.clock.advance(MINUTE_MS + 3 * quotaMarginMs);
  await soon(world, refresher('predecessor', OTHER).act(other));
  await world.clock.advance(HALF_LIFE_MS);
  if (aboutToMs === undefined) return beginningOf(world);
  await other.context.quota.acquire(quota, world.clock.nowMs(), { priority: 'urgent' });
  const [item] = world.quotaTable.items();
  const untilMs = Math.max(...Object.values(item?.permits ?? {}));
  await world.clock.advance(untilMs - aboutToMs - world.clock.nowMs());
  return beginningOf(world);
};

async function registerOther(world: ProtocolWorld, { context }: Container, quota: QuotaLimit): Promise<void> {
  const client = renderClient({ client_id: 'fake-id', client_secret: 'fake-secret' });
  await world.secrets.create(world.names.client(OTHER), client);
  const chain = world.random.id();
  await context.publication.createLanes({ credential: OTHER, provider: 'bs2', chain, lanes: LANES });
  const settings = bs2Settings({ credential: OTHER, quota });
  await seedChain(context, { settings, chain, lanes: LANES, refreshToken: world.provider.login() });
}
