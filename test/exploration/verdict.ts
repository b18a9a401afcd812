import assert from 'node:assert/strict';
import { timing } from '../../shared/config/timing.ts';
import { occupied } from '../../shared/quota/permits.ts';
import type { Container } from '../crash/container.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import type { IssuedToken } from '../crash/witness-provider.ts';
import { lifecycleAction } from '../property/lifecycle-action.ts';
import { Witness } from '../property/witness.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import type { Setting } from './party-run.ts';
import { type Beginning, SmallWorld } from './small-world.ts';
import type { Party, WorldModel } from './world-model.ts';
import { asContainer, postsOf, rescuedIn, type WorldState } from './world-state.ts';

/** Simulated time that everything has to be in order again. */
const MINUTES = 12;

const { quotaMarginMs } = timing(1);

/** A post that nobody has asked for comes no earlier than `refresh_after` of the token that it replaces. Throws if it does. */
export function promiseKept(pair: IssuedToken | undefined, nowMs: number, { breaksPromise }: Party): void {
  if (breaksPromise || pair?.parent === undefined) return;
  const halfMs = 150_000 - 10_000;
  assert.ok(
    nowMs - pair.issuedAtMs >= halfMs,
    'promise: a token was replaced before its refresh_after, and nobody had asked for that',
  );
}

/** At the end of an order without a fault no permit is occupied but by a request that was sent. */
export function afterOrder(state: WorldState, { nowMs: startMs, quotas }: Beginning): void {
  const nowMs = startMs + state.atMs;
  const before = new Set(quotas.flatMap(({ permits }) => Object.keys(permits)));
  const recently = state.atMs - 60_000 - 3 * quotaMarginMs;
  const sent = postsOf(state).filter(({ sentAtMs }) => sentAtMs >= recently).length;
  const held = state.stores.quota
    .items()
    .flatMap((item) => occupied(item, nowMs).filter(([id]) => !before.has(id))).length;
  assert.ok(held <= sent, `permits: ${held} are occupied, for ${sent} requests`);
}

/** Lets ticks fix what there is to fix, then asks whether all is well. Throws what is not. */
export async function atRest(
  model: WorldModel,
  state: WorldState,
  { nowMs, sealed, alter }: Setting,
): Promise<void> {
  const clock = new ManualClock(nowMs);
  await clock.advance(state.atMs);
  const witness = new Witness();
  const world = new SmallWorld(model.watched ? {} : witness, clock, state.stores, sealed);
  const [memory] = state.memories;
  // With several credentials each was watched until here; from here on it is seen how they end.
  if (memory && !model.watched) {
    witness.recall(memory);
    witness.watch(world);
    witness.rescuedPair = await rescuedIn(state.stores, CREDENTIAL);
  }
  const lost = new Set(state.memories.flatMap((one) => one.lost));
  world.posts.push(...postsOf(state));
  world.containers.push(...(state.parties.map(asContainer) as unknown as Container[]));
  const medic = containerOf(world, 'medic', alter);
  const living = state.parties
    .filter(({ isDead, unstored }) => !isDead && unstored.size > 0)
    .map(({ party, unstored }) => {
      const container = containerOf(world, `${party.name} afterwards`, alter);
      for (const [credential, pair] of unstored) container.context.unstored.set(credential, pair);
      return container;
    });
  const states = () => world.ledger.items().map(({ state }) => state);
  if (states().includes('paused')) await lifecycleAction(medic, world, 'resume');
  await world.ticks(MINUTES, [medic, ...living]);
  await model.check?.(world);
  for (const { credential } of world.ledger.items())
    await restOf(world, model, lost.size + witness.lost.size, credential);
  const [first] = witness.violations;
  if (first) throw first;
}

function containerOf(world: SmallWorld, name: string, alter: Setting['alter']): Container {
  const container = world.container(name);
  if (alter) Object.assign(container.context, alter(container.context, container));
  return container;
}

async function restOf(
  world: SmallWorld,
  { endStates = [] }: WorldModel,
  lost: number,
  credential: string,
): Promise<void> {
  const record = world.ledger.items().find((item) => item.credential === credential);
  assert.ok(record);
  const { provider, sealed } = world;
  // A removal that was cut off is taken up by the operator's next one, once this lease is over.
  const isRemoval =
    record.attempt?.purpose === 'remove' && world.clock.nowMs() >= record.attempt.leaseUntilMs;
  assert.ok(!record.attempt || isRemoval, `rest: an attempt of ${credential} is left`);
  if (endStates.includes(record.state)) return;
  if (record.state === 'lapsed') {
    assert.ok(lost > 0, `rest: the chain of ${credential} was lost, and need not have been`);
    assert.equal(
      record.lapse?.afterUnknown,
      true,
      'rest: the lapse does not admit that the outcome was unknown',
    );
    return;
  }
  assert.equal(record.state, 'active', 'rest: the state of the credential');
  const refresh = sealed.get(record.pair?.sealedRefresh ?? '')?.value;
  const access = sealed.get(record.pair?.sealedAccess ?? '')?.value;
  assert.equal(
    provider.issued.get(refresh ?? '')?.spent,
    false,
    'rest: the provider would not take the refresh token',
  );
  assert.equal(record.publication.generation, record.generation, 'rest: the current pair is not published');
  assert.equal(record.announced.generation, record.generation, 'rest: the last refresh was not told');
  const values: { generation: number; access_token?: string }[] = [];
  for (let lane = 0; lane < record.publication.lanes; lane += 1) {
    const stored = await world.secrets.get(world.names.lane(credential, lane));
    assert.ok(stored, `rest: lane ${lane} is gone`);
    values.push(JSON.parse(stored.value.reveal()));
  }
  const [latest] = values.sort((a, b) => b.generation - a.generation);
  assert.equal(latest?.access_token, access, 'rest: the lanes do not hold the current token');
  const rescued = await world.secrets.get(world.names.rescue(credential));
  const copy = rescued && JSON.parse(rescued.value.reveal());
  const isLeft = copy?.chain === record.chain && copy.generation > record.generation;
  assert.ok(!isLeft, 'rest: a rescue copy is newer than the ledger');
  const spares = record.aside.spares.filter(({ chain }) => chain === record.chain);
  const isAlive = (token = '') => provider.issued.get(token)?.spent === false;
  const living = spares.filter(({ sealedRefresh = '' }) => isAlive(sealed.get(sealedRefresh)?.value));
  assert.equal(living.length, 0, 'rest: a spare of this chain is alive beside the current pair');
}
