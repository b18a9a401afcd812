import assert from 'node:assert/strict';
import { timing } from '../../shared/config/timing.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { failureRemedy } from '../../shared/failure/failures.ts';
import { occupied } from '../../shared/quota/permits.ts';
import { soon } from '../crash/beginnings.ts';
import type { Container } from '../crash/container.ts';
import { CREDENTIAL } from '../crash/surroundings.ts';
import type { Post } from '../crash/watched-endpoint.ts';
import type { IssuedToken } from '../crash/witness-provider.ts';
import { lifecycleAction } from '../property/lifecycle-action.ts';
import { Witness } from '../property/witness.ts';
import { ManualClock } from '../support/fakes/manual-clock.ts';
import { withFound } from './missing.ts';
import { operator } from './parties.ts';
import type { Setting } from './party-run.ts';
import { credentialAtRest, permitsAtRest } from './rest.ts';
import { type Beginning, SmallWorld } from './small-world.ts';
import type { Party, WorldModel } from './world-model.ts';
import { asContainer, type Memories, postsOf, rescuedIn, type WorldState } from './world-state.ts';

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

/** The seconds that the provider asks for with a 429, less what clocks may differ by. */
const SILENCE_MS = 20_000 - 3000;

/**
 * A 429 has spent nothing: the token is posted again, but not before the provider's `Retry-After`. An operator's forced
 * refresh may get its permit before the silence is noted. Throws if anybody else posts it.
 */
export function silenceKept(posts: readonly Post[], post: Post, { breaksPromise }: Party): void {
  if (breaksPromise) return;
  const refused = posts.filter(({ token, outcome }) => token === post.token && outcome === 'throttled');
  for (const { endedAtMs = 0 } of refused)
    assert.ok(post.sentAtMs - endedAtMs >= SILENCE_MS, '429: posted again before the stated Retry-After');
}

/**
 * Which pairs no design can save: the process died (or stood still until it was killed) before any store had them, or
 * their answer never came within its limit. A store that fails, answers late or is behind costs none (I4). Throws if
 * it did.
 */
export function lossExcused(before: Memories, after: WorldState): void {
  const known = new Set(before.all.flatMap(({ lost }) => lost));
  for (const token of after.memories.all.flatMap(({ lost }) => lost)) {
    if (known.has(token)) continue;
    const post = postsOf(after).find(({ issued }) => issued === token);
    const mayDie = after.struck.some((fault) => fault === 'crash' || fault === 'freeze');
    const isAnswered = post?.outcome === undefined || post.outcome === 'success';
    const how = after.struck.join(' and ') || 'nothing';
    assert.ok(mayDie || (post && !isAnswered), `I4: ${token} was lost by ${how}`);
  }
}

/** At the end of an order without a fault no permit is occupied but by a request that was sent. */
export function afterOrder(state: WorldState, { nowMs: startMs, quotas }: Beginning): void {
  const nowMs = startMs + state.atMs;
  const before = new Set(quotas.flatMap(({ permits }) => Object.keys(permits)));
  const recently = state.atMs - 60_000 - 3 * quotaMarginMs;
  const sent = postsOf(state).filter(({ sentAtMs }) => sentAtMs >= recently).length;
  const held = state.stores.quota.items.flatMap((item) =>
    occupied(item, nowMs).filter(([id]) => !before.has(id)),
  ).length;
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
  const [memory] = state.memories.all;
  // With several credentials each was watched until here; from here on it is seen how they end.
  if (memory && !model.watched) {
    witness.recall(memory);
    witness.watch(world);
    witness.rescuedPair = await withFound(() => rescuedIn(state.stores, CREDENTIAL));
  }
  const lost = new Set(state.memories.all.flatMap((one) => one.lost));
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
  await finishRemovals(world, state);
  if (await giveClientAgain(world, model)) await world.ticks(MINUTES, [medic, ...living]);
  await model.check?.(world);
  const past = {
    isLost: lost.size + witness.lost.size > 0,
    isCutOff: model.client !== undefined && state.struck.length > 0,
  };
  for (const record of world.ledger.items()) await credentialAtRest(world, model, record, past);
  permitsAtRest(world);
  const [first] = witness.violations;
  if (first) throw first;
}

/** An operator whose removal was cut off or failed removes it again, and that is the end of it. */
async function finishRemovals(world: SmallWorld, { parties }: WorldState): Promise<void> {
  const isDone = parties.every(({ result }) => result !== undefined && result.error === undefined);
  const isBegun = world.ledger
    .items()
    .some(({ state, attempt }) => state === 'removed' || attempt?.purpose === 'remove');
  if (isDone || !isBegun) return;
  const answer = await lifecycleAction(world.container('operator again'), world, 'remove');
  assert.notEqual(typeof answer, 'string', `rest: a removal cannot be ended: ${answer}`);
}

/**
 * An operator whose registration was cut off before the client secret was stored gives it when `status` asks for it.
 * True: it was asked for.
 */
async function giveClientAgain(world: SmallWorld, { client }: WorldModel): Promise<boolean> {
  const asks = ({ state, failure, ...record }: CredentialRecord) =>
    state === 'active' && failure && failureRemedy({ ...record, ...failure }).command?.name === 'update';
  const [asking] = world.ledger.items().filter(asks);
  if (!client || !asking) return false;
  const update = { action: 'update', credential: asking.credential, client };
  const { act } = operator('operator at last', [update]);
  const answers = await soon(world, act(world.container('operator at last')));
  assert.deepEqual(answers, ['done'], 'rest: the client secret cannot be given again');
  return true;
}

function containerOf(world: SmallWorld, name: string, alter: Setting['alter']): Container {
  const container = world.container(name);
  if (alter) Object.assign(container.context, alter(container.context, container));
  return container;
}
