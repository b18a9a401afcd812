import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { everyPage } from '../../../cli/invoke/every-page.ts';
import { administer } from '../../../shared/admin/administer.ts';
import { aRecord } from '../../support/records.ts';
import { AdminWorld } from './admin-world.ts';

const NOTE = 'x'.repeat(20_000);
/** Lambda refuses an answer of more. */
const ANSWER_BYTES = 6 * 1024 * 1024;

describe('an answer about all credentials', () => {
  it('comes in pages that Lambda takes, with everyone once', async () => {
    const admin = await registered(600);
    const pages = await pagesOf(admin, { action: 'list' });
    assert.ok(pages.length > 1, 'one page cannot hold them');
    for (const page of pages) assert.ok(JSON.stringify(page).length < ANSWER_BYTES);
    const ids = pages.flatMap(({ credentials }) => credentials.map(({ credential }) => credential));
    assert.equal(ids.length, 600);
    assert.equal(new Set(ids).size, 600);
  });

  it('ends when the time of the function does, and goes on behind what it has read', async () => {
    const admin = await registered(40);
    const { ids, invoked } = await asked(admin, { action: 'list' }, 2000);
    assert.equal(ids.length, 40);
    assert.ok(invoked > 1);
  });

  it('goes on when what is wanted is rare', async () => {
    const admin = await registered(40);
    const { ids, invoked } = await asked(admin, { action: 'list', tags: { place: '39' } }, 2000);
    assert.deepEqual(ids, ['acme-00039']);
    assert.ok(invoked > 1);
  });

  it('counts what is on it, and the commands sum it', async () => {
    const admin = await registered(40);
    const { answer, invoked } = await asked(admin, { action: 'status' }, 2000);
    assert.deepEqual(answer.counts, { active: 40, failing: 0, paused: 0, lapsed: 0 });
    assert.ok(invoked > 1);
  });

  it('is the same for an export and for a recovery', async () => {
    const admin = await registered(40);
    for (const action of ['export', 'recover']) {
      const { ids, answer, invoked } = await asked(admin, { action }, 2000);
      assert.equal(new Set(ids).size, 40, action);
      assert.equal(ids.length, 40, action);
      assert.deepEqual(ids, ids.toSorted(), action);
      assert.equal(answer.next, undefined);
      assert.ok(invoked > 1, action);
    }
  });

  it('says nothing of another page when it is the last', async () => {
    const admin = await registered(3);
    for (const action of ['list', 'status', 'export', 'recover']) {
      assert.equal('next' in (await admin.do({ action })), false, action);
    }
  });

  it('is refused on a later page as on the first', async () => {
    const refusal = { error: { code: 'store-unavailable' } };
    const answer = await everyPage(
      async (_, { after }) => (after === undefined ? { credentials: [], next: 'acme' } : refusal),
      'admin',
      { action: 'list' },
    );
    assert.deepEqual(answer, refusal);
  });
});

async function registered(count: number): Promise<AdminWorld> {
  const admin = new AdminWorld();
  for (let place = 0; place < count; place += 1) {
    const tags = { place: String(place), ...(count > 100 && { note: NOTE }) };
    const credential = `acme-${String(place).padStart(5, '0')}`;
    await admin.world.ledger.save(aRecord({ credential, tags }));
  }
  return admin;
}

interface Answer {
  readonly credentials: readonly { readonly credential: string }[];
  readonly next?: string;
}

async function pagesOf({ context }: AdminWorld, request: object): Promise<Answer[]> {
  const pages: Answer[] = [];
  let after: string | undefined;
  do {
    const page = (await administer(context, { ...request, ...(after && { after }) })) as Answer;
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

/** Asks as the commands do, while each look at the clock takes `stepMs`. */
async function asked({ world, context }: AdminWorld, request: Record<string, unknown>, stepMs: number) {
  let nowMs = 0;
  let invoked = 0;
  const clock = {
    nowMs: () => world.clock.nowMs(),
    monotonicMs: () => {
      nowMs += stepMs;
      return nowMs;
    },
    sleep: (ms: number, signal?: AbortSignal) => world.clock.sleep(ms, signal),
  };
  const answer = await everyPage(
    async (_, given) => {
      invoked += 1;
      return JSON.parse(JSON.stringify(await world.drive(administer({ ...context, clock }, given))));
    },
    'admin',
    request,
  );
  const ids = (answer.credentials as Answer['credentials']).map(({ credential }) => credential);
  return { ids, answer, invoked };
}
