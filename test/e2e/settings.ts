import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { TOGETHER } from '../../shared/events/provider-episodes.ts';
import { eventually } from '../integration/eventually.ts';
import {
  OTHER_URL,
  pauseAndResume,
  registerTooEarly,
  registerWrongly,
  removeAndRegister,
  WRONG_SECRET,
} from './missteps.ts';
import type { Person } from './person.ts';
import { startStack } from './running-stack.ts';
import { assertNowhere, tableDumps } from './secret-search.ts';
import { Shop } from './shop.ts';

/** A setting that somebody got wrong: how, what is said of it, and where the command is that fixes it. */
interface Wrong {
  readonly id: string;
  readonly update: (shop: Shop) => readonly string[];
  /** The code of the failure, and what is said of it. */
  readonly reason: string;
  readonly says: RegExp;
  readonly lead?: RegExp;
}

/** No more than lets a token age within the test: deadlines shrink with it, and this machine may be busy. */
const SCALE = '15';

const WRONG: readonly Wrong[] = [
  {
    id: 'scope',
    update: () => ['--scope', 'charges.delete'],
    reason: 'invalid_scope',
    says: /\(invalid_scope\)/,
  },
  {
    id: 'path',
    update: ({ tokenUrl }) => ['--token-url', tokenUrl.replace('/token', '/tokens')],
    reason: 'http-404',
    says: /\(http-404\)/,
  },
  {
    id: 'port',
    update: () => ['--token-url', 'http://127.0.0.1:1/auth/oauth/v2/token'],
    reason: 'ECONNREFUSED',
    says: /the provider could not be reached \(ECONNREFUSED\)/,
    lead: OTHER_URL,
  },
  {
    id: 'client-auth',
    update: () => ['--client-auth', 'none'],
    reason: 'invalid_client',
    says: /\(invalid_client\)/,
    lead: /^If the provider wants the client secret in the body: /,
  },
];

/** Several credentials of one stack, each of which somebody sets up wrongly in another way. */
export async function correctSettings(t: TestContext): Promise<void> {
  // The log goes to standard error, for there is no data folder.
  const stack = await startStack(t, { args: ['--scale', SCALE], variables: { RENOVA_LOG_LEVEL: 'DEBUG' } });
  const shops: Shop[] = [];
  const newShop = (id: string) => {
    const shop = new Shop(t, id, stack);
    shops.push(shop);
    return shop;
  };

  // Two at a time: three that fail together at one host are told as one `Provider Failing`, and none by itself.
  await t.test('each', { concurrency: TOGETHER - 1 }, async (each) => {
    const tests = [
      each.test('no provider at registration', () => registerTooEarly(newShop('early'))),
      each.test('paused', () => pauseAndResume(newShop('paused'))),
      each.test('client secret', () => changeClientWrongly(newShop('client-secret'))),
      ...WRONG.map((wrong) => each.test(wrong.id, () => breakAndFix(newShop(wrong.id), wrong))),
      each.test('at registration', () => registerWrongly(newShop('at-registration'))),
      each.test('removed', () => removeAndRegister(newShop('removed'))),
    ];
    await Promise.all(tests);
  });
  await t.test('rotating the seal keys harms none of them', () => rotateSeal(shops));
  await t.test('no secret is told (I7)', () => search(t, shops, stack));
}

async function breakAndFix(shop: Shop, { id, update, reason, says, lead }: Wrong): Promise<void> {
  await shop.register();
  await shop.person.inProcess(['update', id, ...update(shop)]);
  await shop.refreshOnce();
  await shop.until(reason, (status) => status.reason === reason);
  const page = await shop.status();
  assert.match(page, new RegExp(`^${id} has been failing for `));
  assert.match(page, says);
  if (reason !== 'ECONNREFUSED') {
    // A status without an OAuth error says nothing of a setting: it is told as failing.
    const type = reason.startsWith('http-') ? 'Refresh Failing' : 'Credential Misconfigured';
    const { remedy = '' } = await shop.untilTold(type);
    assert.match(remedy, new RegExp(`: npx --no-install renova update ${id} .*--local --local-port \\d+`));
  }
  const blanks = { scope: shop.scope, url: shop.tokenUrl };

  const { stdout } = await shop.follow(page, undefined, { lead, blanks });

  assert.match(stdout, new RegExp(`^✓ refresh\n${id} is updated \\(generation \\d+\\)`, 'm'));
  await shop.assertHealthy();
}

/** Until the provider has accepted the new client secret, the old one keeps the credential well. */
async function changeClientWrongly(shop: Shop): Promise<void> {
  await shop.register();
  const change = (client: object) =>
    shop.person.inProcess(['update', shop.id, '--secrets', '-'], { stdin: JSON.stringify({ client }) });
  await change({ client_secret: WRONG_SECRET });
  await shop.refreshOnce();
  const { generation } = await shop.until('a refresh by the old one', (status) => status.generation > 1);
  assert.match(
    await shop.status(),
    new RegExp(
      `^${shop.id} is refreshed with its last client secret, because the provider has refused the new one`,
    ),
  );
  await change({ client_secret: shop.client.client_secret });
  await shop.refreshOnce();
  await shop.until('a refresh by the right one', (status) => status.generation > generation);
  await shop.assertHealthy();
}

async function rotateSeal(shops: readonly Shop[]): Promise<void> {
  const [shop] = shops;
  assert.ok(shop);
  const { stdout } = await shop.person.renova(['rotate-seal', '--yes']);
  assert.match(stdout, new RegExp(`^resealed +${shops.length}$`, 'm'));
  await shop.assertHealthy();
}

async function search(t: TestContext, shops: readonly Shop[], stack: Awaited<ReturnType<typeof startStack>>) {
  const tables = await tableDumps(stack.awsUrl, 'prd');
  await eventually('a log on standard error', async () =>
    stack.printed().includes('"level"') ? true : undefined,
  );
  const secrets = shops.flatMap(({ client, refreshTokens }) => [client.client_secret, ...refreshTokens]);
  const shown = shops.flatMap(({ person }: { person: Person }) => person.shown).join('\n');
  assertNowhere([...secrets, WRONG_SECRET], {
    'the commands': shown,
    'the stack': stack.printed(),
    ...tables,
  });
  t.diagnostic(`${secrets.length} secrets looked for`);
}
