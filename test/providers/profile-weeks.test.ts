// Every profile for a week of virtual time, each with its own surprises; the provider's own record is the witness.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { rulesOfProfile } from '../../local/sandboxes/profile/profile-rules.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { amount } from '../runner/amount.ts';
import { type PlayedProfile, playProfile, post } from './played-profiles.ts';
import { ProviderWorld } from './provider-world.ts';

const HOURS = amount({ test: 4, prove: 7 * 24, variable: 'RENOVA_PROFILE_HOURS' });
/** Some minutes without a fault at the end, so that what is in doubt shows. */
const CALM_MINUTES = 30;
/** A fault of some kind meets each provider so often. */
const FAULT_EACH_MINUTES = 97;

const FAULTS = [
  { kind: 'http-503', count: 2 },
  { kind: 'drop-request', count: 1 },
  { kind: 'drop-response', count: 1 },
] as const;

test(`${HOURS} h of all ${profiles.size} profiles: no chain is lost, no token expires, no quota is exceeded`, async (t) => {
  const world = new ProviderWorld(t);
  const { clock } = world.world;
  const played: PlayedProfile[] = [];
  for (const provider of profiles.keys()) {
    played.push(await playProfile(provider, { clock, serve: (listener) => world.serve(listener) }));
  }
  for (const { credential, request } of played.flatMap(({ credentials }) => credentials)) {
    await world.do({ action: 'register', credential, ...request });
  }
  // What was over a quota at registration is made up for by the first ticks.
  await world.live(10);
  const kinds = played.map(faultsOf);
  await world.live(HOURS * 60 - CALM_MINUTES, async (minute) => {
    for (const [at, each] of played.entries()) {
      const turn = minute + at * 4;
      if (turn % FAULT_EACH_MINUTES !== 0) continue;
      const fault = kinds[at]?.[(turn / FAULT_EACH_MINUTES) % (kinds[at]?.length ?? 1)];
      if (fault) await post(`${each.url}${each.prefix}/_sandbox/faults`, fault);
    }
    await insist(world, minute);
  });
  await world.live(CALM_MINUTES);
  for (const each of played) await judge(t, world, each);
});

/** An answer is lost only where its provider forgives that: elsewhere it costs the chain, whoever asked. */
function faultsOf({ profile }: PlayedProfile): readonly (typeof FAULTS)[number][] {
  const { refreshToken } = rulesOfProfile(profile, { env: 'prd', scale: 1 });
  const forgives = refreshToken.rotation !== 'immediate' || !profile.grants.includes('refresh_token');
  return FAULTS.filter(({ kind }) => kind !== 'drop-response' || forgives);
}

/** An operator who does not believe it: twenty forced refreshes in a row, where ten in ten minutes are allowed. */
async function insist(world: ProviderWorld, minute: number): Promise<void> {
  if (minute < 60 || minute >= 80) return;
  await world.do({ action: 'refresh', credential: 'zoho-1', force: true }).catch(() => undefined);
}

async function judge(t: TestContext, world: ProviderWorld, played: PlayedProfile): Promise<void> {
  const { profile, credentials, record } = played;
  const { provider, quota } = profile;
  const nowMs = world.world.clock.nowMs();
  let tokens = 0;
  for (const { credential, owner } of credentials) {
    const { state, failure, pair } = await world.record(credential);
    assert.deepEqual([state, failure], ['active', undefined], credential);
    assert.equal(record.expiredSeconds(owner, nowMs), 0, `${credential}: seconds without a token`);
    const refreshToken = pair?.sealedRefresh && (await world.world.sealer.refreshToken(credential, pair));
    if (refreshToken) assert.ok(record.isNewest(owner, refreshToken.reveal()), `${credential}: its chain`);
    assert.ok(await world.tokenOf(credential));
    tokens += record.tokensOf(owner);
  }
  assert.equal(record.throttled, 0, `${provider}: throttled`);
  assert.equal(record.reused, 0, `${provider}: refresh tokens posted twice`);
  assert.equal(record.refused, 0, `${provider}: refused`);
  if (quota && quota.per !== 'credential') {
    const busiest = record.busiestWindow(quota.windowSeconds * 1000);
    assert.ok(busiest <= quota.limit, `${provider}: ${busiest} requests in a window of ${quota.limit}`);
  }
  t.diagnostic(`${provider}: ${credentials.length} credentials, ${tokens} tokens`);
}
