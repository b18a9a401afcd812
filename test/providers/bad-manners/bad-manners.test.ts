// The token endpoint against every kind of bad manners: what may be the successor is never dropped, and what cannot be
// one ends no chain.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { HttpsTokenEndpoint } from '../../../shared/token-endpoint/https-token-endpoint.ts';
import type { Outcome } from '../../../shared/token-endpoint/token-endpoint.ts';
import { BAD_MANNERS, type BadManner, type Exchanged } from './bad-manners.ts';
import { type RudeServer, startRudeServer } from './rude-server.ts';

const EXCHANGED: Exchanged = {
  access: 'fake-access-token-2',
  refresh: 'fake-refresh-token-2',
  posted: 'fake-refresh-token-1',
  lifeSeconds: 300,
};

/** Longer than any of these takes to come, shorter than anybody wants to wait for those that do not. */
const ANSWER_MS = 6000;
const AT_ONCE = 40;

let server: RudeServer;
const playing = new Map<string, BadManner>();

before(async () => {
  server = await startRudeServer((parameters) => {
    const manner = playing.get(parameters.get('client_id') ?? '');
    return manner ? manner.reactions(EXCHANGED) : ['reset'];
  });
});
after(() => server.close());

async function post(name: string): Promise<Outcome> {
  const nowMs = systemClock.monotonicMs();
  return await new HttpsTokenEndpoint({ clock: systemClock }).post(
    {
      tokenUrl: server.tokenUrl,
      clientAuth: 'none',
      client: { clientId: name },
      grant: 'refresh_token',
      refreshToken: new Secret(EXCHANGED.posted),
      extra: {},
    },
    { sendByMs: nowMs + ANSWER_MS, answerByMs: nowMs + ANSWER_MS },
  );
}

test('there are at least 150 kinds, each with a name of its own', () => {
  const names = BAD_MANNERS.map(({ kind, name }) => `${kind}: ${name}`);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.length >= 150, `${names.length}`);
});

describe('what comes of', { concurrency: AT_ONCE }, () => {
  for (const manner of BAD_MANNERS) {
    const name = `${manner.kind}: ${manner.name}`;
    test(`${name} is ${manner.outcome}`, async () => {
      playing.set(name, manner);
      const outcome = await post(name);
      assert.equal(outcome.kind, manner.outcome, 'reason' in outcome ? outcome.reason : undefined);
      if (outcome.kind !== 'success') return;
      assert.equal(outcome.response.accessToken.reveal(), EXCHANGED.access);
      assert.equal(outcome.response.refreshToken?.reveal(), EXCHANGED.refresh);
    });
  }
});
