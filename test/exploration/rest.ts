import assert from 'node:assert/strict';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { occupied } from '../../shared/quota/permits.ts';
import type { SmallWorld } from './small-world.ts';
import type { WorldModel } from './world-model.ts';

const WINDOW_MS = 60_000;
/** How much longer a permit may count: the margins of clocks, and the time that an answer may take. */
const LONGER_MS = 50_000;

/** What has happened to the credentials of a world. */
export interface Past {
  /** A pair was lost that no design could save. */
  readonly isLost: boolean;
  /** A registration may have been cut off. */
  readonly isCutOff: boolean;
}

/** What must hold of a credential when all is quiet again. Throws what does not. */
export async function credentialAtRest(
  world: SmallWorld,
  { endStates = [] }: WorldModel,
  record: CredentialRecord,
  { isLost, isCutOff }: Past,
): Promise<void> {
  const { credential, state } = record;
  assert.equal(record.attempt, undefined, `rest: an attempt of ${credential} is left`);
  if (state === 'removed' && endStates.includes(state)) return removedAtRest(world, credential);
  if (endStates.includes(state)) return;
  if (state === 'lapsed') return lapsedAtRest(record, isLost);
  assert.equal(state, 'active', 'rest: the state of the credential');
  tokensAtRest(world, record);
  toldAtRest(record);
  await lanesAtRest(world, record, isCutOff);
}

/**
 * No secret of it is left, least of all a token that workloads read. But for one: where the ledger did not take a pair
 * while the credential was removed, the rescue secret that is written then stays, sealed, until it is removed again.
 */
function removedAtRest({ secrets, names }: SmallWorld, credential: string): void {
  const rescue = names.rescue(credential);
  const prefix = names.client(credential).replace(/client$/, '');
  const left = secrets.names().filter((name) => name.startsWith(prefix) && name !== rescue);
  assert.equal(left.join(), '', `rest: secrets of a removed credential are left: ${left}`);
}

function lapsedAtRest({ credential, lapse, announced }: CredentialRecord, isLost: boolean): void {
  assert.ok(isLost, `rest: the chain of ${credential} was lost, and need not have been`);
  assert.equal(lapse?.afterUnknown, true, 'rest: the lapse does not admit that the outcome was unknown');
  assert.equal(announced.trouble?.kind, 'lapsed', 'rest: the lapse was not told');
}

/** The pair in the ledger is the one that the provider takes, and nothing is newer. */
function tokensAtRest({ provider, sealed, clock }: SmallWorld, record: CredentialRecord): void {
  const tokenOf = (seal = '') => sealed.get(seal)?.value ?? '';
  const isAlive = (token: string) => provider.issued.get(token)?.spent === false;
  const { pair, aside, chain } = record;
  assert.ok(isAlive(tokenOf(pair?.sealedRefresh)), 'rest: the provider would not take the refresh token');
  const isFresh = pair !== undefined && clock.nowMs() < pair.expiresAtMs;
  assert.ok(isFresh, 'rest: the access token has expired');
  const spares = aside.spares.filter((spare) => spare.chain === chain);
  const living = spares.filter(({ sealedRefresh }) => isAlive(tokenOf(sealedRefresh)));
  assert.equal(living.length, 0, 'rest: a spare of this chain is alive beside the current pair');
}

/** The last refresh was told, and no trouble is believed to go on. */
function toldAtRest({ announced, generation, failure }: CredentialRecord): void {
  assert.equal(announced.generation, generation, 'rest: the last refresh was not told');
  assert.equal(failure, undefined, 'rest: it is failing');
  assert.equal(announced.trouble, undefined, 'rest: the end of a trouble was not told');
  assert.equal(announced.unpublished, undefined, 'rest: it was not told that the pair is in its lane');
}

/**
 * The current pair is where workloads read, and no newer one waits to be rescued. A lane that a registration was cut
 * off before is created by the first pair that is written into it; until then its readers find nothing there, and look
 * into the others.
 */
async function lanesAtRest(
  { secrets, names, sealed }: SmallWorld,
  record: CredentialRecord,
  isCutOff: boolean,
): Promise<void> {
  const { credential, publication, generation, pair, chain } = record;
  assert.equal(publication.generation, generation, 'rest: the current pair is not published');
  const values: { generation: number; access_token?: string }[] = [];
  for (let lane = 0; lane < publication.lanes; lane += 1) {
    const stored = await secrets.get(names.lane(credential, lane));
    assert.ok(stored || isCutOff, `rest: lane ${lane} is gone`);
    if (stored) values.push(JSON.parse(stored.value.reveal()));
  }
  const [latest] = values.sort((a, b) => b.generation - a.generation);
  const access = sealed.get(pair?.sealedAccess ?? '')?.value;
  assert.equal(latest?.access_token, access, 'rest: the lanes do not hold the current token');
  const rescued = await secrets.get(names.rescue(credential));
  const copy = rescued && JSON.parse(rescued.value.reveal());
  const isLeft = copy?.chain === chain && copy.generation > generation;
  assert.ok(!isLeft, 'rest: a rescue copy is newer than the ledger');
}

/** Permits count only for requests of the last window. */
export function permitsAtRest({ quotaTable, posts, clock }: SmallWorld): void {
  const sent = posts.filter(({ sentAtMs }) => sentAtMs > clock.monotonicMs() - WINDOW_MS - LONGER_MS);
  const held = quotaTable.items().flatMap((item) => occupied(item, clock.nowMs()));
  assert.ok(held.length <= sent.length, `rest: ${held.length} permits for ${sent.length} requests`);
}
