// Chains that are kept alive on demand, for years of virtual time: where a provider ends a chain whatever is refreshed,
// it is told in time and lapses then, and nowhere else does one lapse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rulesOfProfile } from '../../local/sandboxes/profile/profile-rules.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { amount } from '../runner/amount.ts';
import { type PlayedProfile, playProfile } from './played-profiles.ts';
import { ProviderWorld } from './provider-world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Long enough for every refresh token with an end to have had one, but for those of years. */
const DAYS = amount({ test: 200, prove: 400, variable: 'RENOVA_PROFILE_DAYS' });
/** What a profile with an end of its own is watched beyond it. */
const BEYOND_MS = 2 * DAY_MS;

/** When the provider ends a chain, from its login, whatever is refreshed. */
function endOf({ profile }: PlayedProfile): number | undefined {
  const {
    lifeMs,
    chainMs = Number.POSITIVE_INFINITY,
    lifetime,
  } = rulesOfProfile(profile, {
    env: 'prd',
    scale: 1,
  }).refreshToken;
  const endMs = lifetime === 'absolute' ? Math.min(lifeMs ?? Number.POSITIVE_INFINITY, chainMs) : chainMs;
  return Number.isFinite(endMs) ? endMs : undefined;
}

test(`${DAYS} days on demand, and to the end of each chain that has one`, async (t) => {
  const world = new ProviderWorld(t);
  const { clock, events } = world.world;
  const startMs = clock.nowMs();
  const played: PlayedProfile[] = [];
  for (const { provider, grants, refreshTokenSeconds } of profiles.values()) {
    // Without a known life a chain is renewed as often as its access token, and a year of it is that of the weeks.
    if (grants[0] !== 'refresh_token' || refreshTokenSeconds === undefined) continue;
    played.push(await playProfile(provider, { clock, serve: (listener) => world.serve(listener) }));
  }
  for (const { credentials } of played) {
    const [first] = credentials;
    assert.ok(first);
    await world.do({ action: 'register', credential: first.credential, mode: 'on-demand', ...first.request });
  }
  const ends = played.map((each) => [each, endOf(each)] as const);
  assert.deepEqual(
    ends.filter(([, endMs]) => endMs !== undefined).map(([{ profile }]) => profile.provider),
    ['quickbooks', 'spotify'],
  );

  await leapUntil(world, startMs + DAYS * DAY_MS);
  for (const [{ profile, credentials, record }, endMs] of ends) {
    const { credential = '', owner = '' } = credentials[0] ?? {};
    const isOver = endMs !== undefined && endMs < DAYS * DAY_MS;
    assert.equal((await world.record(credential)).state, isOver ? 'lapsed' : 'active', credential);
    assert.equal(record.throttled, 0, profile.provider);
    assert.equal(record.reused, 0, profile.provider);
    t.diagnostic(`${profile.provider}: ${record.tokensOf(owner)} tokens`);
    // What goes on for years alone is watched alone.
    if (endMs === undefined) await world.do({ action: 'remove', credential });
  }

  for (const [{ profile, credentials, record }, endMs] of ends) {
    if (endMs === undefined) continue;
    const { credential = '' } = credentials[0] ?? {};
    const refusedBefore = record.refused;
    await leapUntil(world, startMs + endMs + BEYOND_MS);
    const told = events.accepted.filter(({ detail }) => detail.credential === credential);
    const hours = told.flatMap(({ detail }) => (detail.hours_left === undefined ? [] : [detail.hours_left]));
    assert.deepEqual(hours, [24, 12, 6, 1], `${profile.provider}: warnings`);
    const lapsed = told.filter(({ type }) => type === 'Credential Lapsed');
    assert.equal(lapsed.length, 1, `${profile.provider}: lapses`);
    const lateMs = Date.parse(String(lapsed[0]?.detail.at)) - startMs - endMs;
    assert.ok(lateMs >= 0 && lateMs < HOUR_MS, `${profile.provider}: told ${lateMs} ms after the end`);
    assert.ok(record.refused - refusedBefore <= 3, `${profile.provider}: asked again and again`);
  }
});

/** As the schedule does, without the minutes in which nothing is due. */
async function leapUntil(world: ProviderWorld, untilMs: number): Promise<void> {
  const { clock, ledger } = world.world;
  while (clock.nowMs() < untilMs) {
    const due = ledger.items().flatMap(({ dueAtMs }) => dueAtMs ?? []);
    const nextMs = Math.min(untilMs, ...due);
    await clock.advance(Math.max(0, nextMs - clock.nowMs()));
    await world.live(1);
  }
}
