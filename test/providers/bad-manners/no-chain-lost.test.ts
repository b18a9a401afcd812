// The whole product against every kind of bad manners, one credential each: no chain is lost that the provider would
// still have taken, and none is forgotten.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProviderWorld } from '../provider-world.ts';
import { BAD_MANNERS, type BadManner, pair, type Reaction, whole } from './bad-manners.ts';
import { startRudeServer } from './rude-server.ts';

const LIFE_SECONDS = 300;
/** Long enough for back-offs, for the two refusals that end a chain, and for pairs after them. */
const MINUTES = 40;
/** How long an answer is waited for, in real time. */
const GOOD_ANSWER_MS = 120_000;
const HELD_ANSWER_MS = 10_000;

/** A provider that rotates, and forgets its manners once, at the second post. */
class ForgetfulProvider {
  readonly manner: BadManner;
  newest: string;
  /** Pairs that were given out after the bad answer. */
  issuedAfter = 0;
  #posts = 0;
  #issued = 0;

  constructor(manner: BadManner, seed: string) {
    this.manner = manner;
    this.newest = seed;
  }

  answer(posted: string): readonly Reaction[] {
    if (posted !== this.newest) return whole('{"error":"invalid_grant"}', 400);
    this.#posts += 1;
    const isBad = this.#posts === 2;
    const issued = this.#issued + 1;
    const next = {
      access: `fake-access-${issued}`,
      refresh: `fake-refresh-${issued}`,
      posted,
      lifeSeconds: LIFE_SECONDS,
    };
    if (!isBad || this.manner.rotates) {
      this.#issued = issued;
      this.newest = next.refresh;
    }
    if (isBad) return this.manner.reactions(next);
    if (this.#posts > 2) this.issuedAfter += 1;
    return whole(pair(next));
  }
}

test('one bad answer of any kind ends no chain that the provider still takes', async (t) => {
  const providers = new Map<string, ForgetfulProvider>();
  const server = await startRudeServer((parameters) => {
    const provider = providers.get(parameters.get('client_id') ?? '');
    return provider ? provider.answer(parameters.get('refresh_token') ?? '') : ['reset'];
  });
  t.after(() => server.close());
  const world = new ProviderWorld(t);
  // Some hold their answer back; what comes of one that is good must not depend on how fast this machine is.
  world.realLimitMs = ({ client }) =>
    providers.get(client.clientId)?.manner.outcome === 'success' ? GOOD_ANSWER_MS : HELD_ANSWER_MS;
  for (const [index, manner] of BAD_MANNERS.entries()) {
    const credential = `manner-${index}`;
    providers.set(credential, new ForgetfulProvider(manner, `fake-seed-${index}`));
    await world.do({
      action: 'register',
      credential,
      provider: 'oauth2',
      token_url: server.tokenUrl,
      client_auth: 'none',
      client: { client_id: credential },
      refresh_token: `fake-seed-${index}`,
    });
  }

  await world.live(MINUTES);

  const lost: string[] = [];
  for (const [credential, { manner, issuedAfter }] of providers) {
    const name = `${manner.kind}: ${manner.name} (${manner.outcome})`;
    const { state, aside } = await world.record(credential);
    const wasTaken = !manner.rotates || manner.outcome === 'success';
    if (wasTaken && (state !== 'active' || issuedAfter === 0)) lost.push(`${name}: ${state}, ${issuedAfter}`);
    // What may hold the new pair is kept for the operator, unless the chain goes on with what came of it.
    if (manner.outcome === 'garbled' && issuedAfter === 0) assert.ok(aside.unreadable, name);
  }
  assert.deepEqual(lost, []);
});
