import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { FaultOrder } from '../../local/sandboxes/provider/faults.ts';
import { askDoctor, testAlerts } from './doctor.ts';
import { commandAfter } from './person.ts';
import { startStack } from './running-stack.ts';
import { searchEverywhere } from './search-everywhere.ts';
import { Shop } from './shop.ts';

const SCALE = '30';

interface Passing {
  readonly order: FaultOrder;
  /** So many times it is to have failed. */
  readonly attempts: number;
  readonly says: RegExp;
}

/** Faults that Renova outlives by itself: so many that a person sees them, so few that one command outlasts them. */
const PASSING: readonly Passing[] = [
  { order: { kind: 'drop-request', count: 3 }, attempts: 1, says: /the provider gave no definite answer/ },
  {
    order: { kind: 'http-503', count: 4 },
    attempts: 3,
    says: /the provider gave no definite answer \(temporarily_unavailable\)/,
  },
  { order: { kind: 'http-429', count: 1, ms: 6000 }, attempts: 1, says: /there were too many requests/ },
];

/** Faults that spend the refresh token and lose the next one. */
const ENDING: readonly FaultOrder[] = [
  { kind: 'drop-response', count: 1 },
  { kind: 'slow', count: 1, ms: 4000 },
];

/**
 * A stack whose log tells everything, in `data`: through every fault of the provider to a healthy credential again,
 * and then no secret is left anywhere.
 */
export async function outliveFaults(t: TestContext, data: string): Promise<void> {
  const stack = await startStack(t, {
    args: ['--scale', SCALE, '--data', data],
    variables: { RENOVA_LOG_LEVEL: 'DEBUG' },
  });
  const shop = new Shop(t, 'acme', stack);

  await t.test('registers, gets a token, and is told that all is well', async () => {
    const { stdout } = await shop.register(['--publish', 'pair'], 'renova');
    assert.match(stdout, /^acme is registered \(generation 1\): its token is valid for /m);
    await shop.assertHealthy();
  });
  await t.test('doctor: is told what is not well, fixes it, and is told that all is well', () =>
    askDoctor(shop),
  );
  await t.test('doctor --alert: the alert has the code that is printed', () => testAlerts(shop, stack));
  for (const passing of PASSING) {
    await t.test(`${passing.order.kind}: sees that it fails, and tries again`, () => tryAgain(shop, passing));
  }
  for (const order of ENDING) {
    await t.test(`${order.kind}: learns that the chain has ended, and gives a new refresh token`, () =>
      giveNewToken(shop, order),
    );
  }
  await t.test('malformed: looks at the answer first, and then gives a new refresh token', () =>
    lookAtAnswer(shop),
  );
  await t.test('a spent refresh token is said to be one, and the next one fixes it', () =>
    giveSpentToken(shop),
  );
  await t.test('no secret and no token is anywhere but in the vault (I7)', () =>
    searchEverywhere(t, stack, shop, data),
  );
}

async function tryAgain(shop: Shop, passing: Passing): Promise<void> {
  const page = await seeItFail(shop, passing);
  assert.match(page, /^Nothing to do: tried again (in \d|at the next tick)/m);
  if (passing.attempts > 2) {
    await assertTold(shop, 'Refresh Failing', /renova status acme --local --local-port \d+$/);
  }
  await shop.until('well again', ({ failing_since, state }) => state === 'active' && !failing_since);
  await shop.assertHealthy();
  if (passing.attempts > 2) await assertTold(shop, 'Credential Recovered');
}

/** The page of a credential that fails. On a slow machine it is well again before anybody looks: then once more. */
async function seeItFail(shop: Shop, { order, attempts, says }: Passing): Promise<string> {
  for (let looks = 0; looks < 5; looks += 1) {
    await shop.sandbox.orderFaults(order);
    await shop.refreshOnce();
    await shop.until('failing', (status) => (status.attempts ?? 0) >= attempts);
    const [page, list] = await Promise.all([shop.status(), shop.person.renova(['list'])]);
    const isSeen = /^acme has been failing for /.test(page) && /^acme +bs2 +failing /m.test(list.stdout);
    if (isSeen && says.test(page)) return page;
  }
  return assert.fail(`${order.kind}: nobody saw it fail`);
}

async function giveNewToken(shop: Shop, order: FaultOrder): Promise<void> {
  await shop.sandbox.orderFaults(order);
  await shop.refreshOnce();
  await shop.until('lapsed', ({ state }) => state === 'lapsed');
  const page = await shop.status();
  assert.match(page, /^acme lapsed .*: the provider refused the refresh token/);
  await assertTold(
    shop,
    'Credential Lapsed',
    /then: npx --no-install renova reseed acme --local --local-port \d+$/,
  );
  await shop.follow(page, { refresh_token: await shop.newRefreshToken() });
  await shop.assertHealthy();
  await assertTold(shop, 'Credential Recovered');
}

async function lookAtAnswer(shop: Shop): Promise<void> {
  await shop.sandbox.orderFaults({ kind: 'malformed', count: 1 });
  await shop.refreshOnce();
  await shop.until('lapsed', ({ state }) => state === 'lapsed');
  const page = await shop.status();
  assert.match(page, /the provider's answer could not be understood, and the refresh token is spent/);
  const { stdout } = await shop.person.copied([
    ...commandAfter(/^Look at the answer, which is kept: /, page),
    '--yes',
  ]);
  assert.match(stdout, /^answer +\{"access_token":"/m);
  const refresh_token = await shop.newRefreshToken();
  await shop.follow(stdout, { refresh_token }, { lead: /^Give the refresh token in it/ });
  await shop.assertHealthy();
}

async function giveSpentToken(shop: Shop): Promise<void> {
  const [spent = ''] = shop.refreshTokens;
  const { stdout, stderr } = await shop.person.renova(['reseed', 'acme', '--secrets', '-'], {
    stdin: JSON.stringify({ refresh_token: spent }),
    exitCode: 1,
  });
  assert.match(
    stdout,
    /^✗ first refresh: the provider does not take this refresh token \(spent,.*goes on with the chain/m,
  );
  const look = await shop.person.copied(commandAfter(/^See: /, stderr));
  assert.match(look.stdout, /^acme is healthy/);
  const refresh_token = await shop.newRefreshToken();
  await shop.follow(stdout, { refresh_token }, { lead: /^✗ first refresh: / });
  await shop.assertHealthy();
}

/** The bus has heard it: an event of this type, whose remedy ends as said. */
async function assertTold(shop: Shop, type: string, remedy = /^$/): Promise<void> {
  const event = await shop.untilTold(type);
  assert.match(event.remedy ?? '', remedy);
}
