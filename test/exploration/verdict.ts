import assert from 'node:assert/strict';
import { occupied } from '../../shared/quota/permits.ts';
import type { Container } from '../crash/container.ts';
import { lifecycleMove } from '../property/lifecycle-move.ts';
import type { Witness } from '../property/witness.ts';
import type { SmallWorld } from './small-world.ts';
import type { WorldModel } from './world-model.ts';

/** Simulated time that everything has to be in order again. */
const MINUTES = 12;

/** What every state must show, beside what the witness looks at. Throws what is broken. */
export function duringOrder(world: SmallWorld, model: WorldModel): void {
  const post = world.posts.at(-1);
  if (!post || post.outcome !== undefined) return;
  const { clock, provider } = world;
  const party = model.parties.find(({ name }) => name === post.container);
  const pair = provider.issued.get(post.token);
  const mayBreak = party?.breaksPromise || pair?.parent === undefined;
  if (mayBreak || post.sentAtMs !== clock.monotonicMs()) return;
  const halfMs = 150_000 - 10_000;
  assert.ok(
    clock.nowMs() - pair.issuedAtMs >= halfMs,
    'promise: a token was replaced before its refresh_after, and nobody had asked for that',
  );
}

/** At the end of an order without a fault no permit is occupied but by a request that was sent. */
export function afterOrder(world: SmallWorld): void {
  const { clock, posts, quotaTable, timing } = world;
  const nowMs = clock.nowMs();
  const recently = clock.monotonicMs() - 60_000 - 3 * timing.quotaMarginMs;
  const sent = posts.filter(({ sentAtMs }) => sentAtMs >= recently).length;
  const held = quotaTable.items().flatMap((item) => occupied(item, nowMs)).length;
  assert.ok(held <= sent, `permits: ${held} are occupied, for ${sent} requests`);
}

/** Lets ticks mend what there is to mend, then asks whether all is well. Throws what is not. */
export async function atRest(
  world: SmallWorld,
  model: WorldModel,
  witness: Witness,
  medic: Container,
  living: readonly Container[],
): Promise<void> {
  const states = () => world.ledger.items().map(({ state }) => state);
  if (states().includes('paused')) await lifecycleMove(medic, world, 'resume');
  await world.ticks(MINUTES, [medic, ...living]);
  await model.check?.(world);
  for (const { credential } of world.ledger.items()) await restOf(world, model, witness, credential);
}

async function restOf(
  world: SmallWorld,
  { endStates = [] }: WorldModel,
  witness: Witness,
  credential: string,
): Promise<void> {
  const record = world.ledger.items().find((item) => item.credential === credential);
  assert.ok(record);
  const { provider, sealed } = world;
  assert.equal(record.attempt, undefined, `rest: an attempt of ${credential} is left`);
  if (endStates.includes(record.state)) return;
  if (record.state === 'lapsed') {
    assert.ok(witness.lost.size > 0, `rest: the chain of ${credential} was lost, and need not have been`);
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
