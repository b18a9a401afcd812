import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { administer } from '../../../shared/admin/administer.ts';
import { RefreshServiceError } from '../../../shared/refresh-service/refresh-service.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { failing } from '../../support/world.ts';
import { AdminWorld, CLIENT } from './admin-world.ts';

/** The other halves of the port, as they are. */
function removing(publication: AdminWorld['context']['publication']) {
  return {
    relabel: publication.relabel.bind(publication),
    removeParameter: publication.removeParameter.bind(publication),
  };
}

interface Answer {
  readonly state: string;
  readonly generation: number;
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly detail?: string }[];
}

describe('registering a credential', () => {
  it('stores everything, makes the first refresh, and tells step by step', async () => {
    const admin = new AdminWorld();
    const answer = await admin.register('acme');
    assert.equal(answer.state, 'active');
    assert.equal(answer.generation, 1);
    assert.equal(answer.published, true);
    assert.equal(answer.lanes, 12);
    assert.deepEqual(
      answer.steps.map(({ step, ok }: { step: string; ok: boolean }) => [step, ok]),
      [
        ['refresh token kept', true],
        ['client secret stored', true],
        ['12 published secrets created', true],
        ['first refresh', true],
      ],
    );
    assert.match(answer.warnings[0], /only one who refreshes/);
    assert.ok(admin.world.provider.accepts(await admin.world.accessToken('acme')));
    assert.equal((await admin.world.published('acme')).generation, 1);
    const stored = await admin.world.secrets.get(admin.world.names.client('acme'));
    assert.deepEqual(JSON.parse(stored?.value.reveal() ?? ''), CLIENT);
  });

  it('warns of a token that is not in its lane yet', async () => {
    const admin = new AdminWorld();
    admin.world.fault = failing('vault', 'put', 'before', 1000, '/token/');
    const answer = await admin.register('acme');
    assert.deepEqual([answer.generation, answer.published], [1, false]);
    assert.match(answer.warnings.at(-1), /not published yet; the next tick/);
    const unpublished = await admin.register('quiet', { publish: 'none' });
    assert.equal(unpublished.warnings.length, 1);
  });

  it('is undone when the vault fails before the first refresh: nothing is spent and the id is free', async () => {
    const admin = new AdminWorld();
    admin.world.fault = failing('vault', 'create', 'before', 1, '/token/7');
    await assert.rejects(admin.register('acme'), StoreUnavailableError);
    assert.equal(admin.world.endpoint.received.length, 0);
    assert.equal((await admin.register('acme')).state, 'active');
  });

  it('is kept when the vault fails after a reader had it refreshed: what was spent is not undone', async () => {
    const admin = new AdminWorld();
    const { publication, refreshService } = admin.context;
    const context = { ...admin.context, publication: { ...removing(publication), createLanes } };
    async function createLanes(...given: Parameters<typeof publication.createLanes>) {
      await refreshService.refresh({ credential: 'acme', force: true, waitMs: 0 });
      await publication.createLanes(...given);
      throw new StoreUnavailableError('fake');
    }
    const request = admin.request('acme');
    const answer = (await admin.world.drive(administer(context, request))) as Answer;

    const kept = answer.steps.find(({ step }) => step === 'everything stored');
    assert.equal(kept?.ok, false);
    assert.match(kept?.detail ?? '', /in use already: it stays registered/);
    assert.deepEqual([answer.state, answer.generation], ['active', 1]);
    assert.equal(admin.world.endpoint.received.length, 1);
    assert.equal(admin.world.provider.reused, 0);
    assert.ok(admin.world.provider.accepts(await admin.world.accessToken('acme')));
  });

  it('is kept while a post of somebody else is under way', async () => {
    const admin = new AdminWorld();
    const { publication } = admin.context;
    const createLanes = async (...given: Parameters<typeof publication.createLanes>) => {
      await publication.createLanes(...given);
      const { ledger, clock, random } = admin.world;
      const record = await admin.record('acme');
      const leaseUntilMs = clock.nowMs() + 60_000;
      const times = { beganAtMs: clock.nowMs(), storeByMs: leaseUntilMs, leaseUntilMs };
      const attempt = { id: random.id(), purpose: 'refresh', generation: 0, ...times } as const;
      await ledger.save({ ...record, revision: record.revision + 1, writer: random.id(), attempt });
      throw new StoreUnavailableError('fake');
    };
    const context = { ...admin.context, publication: { ...removing(publication), createLanes } };
    await admin.world.drive(administer(context, admin.request('acme')));
    assert.equal((await admin.record('acme')).state, 'active');
    assert.notEqual(await admin.client('acme'), undefined);
  });

  it('is undone when the answer that its chain was begun is lost', async () => {
    const admin = new AdminWorld();
    const { refreshService } = admin.context;
    const seed = refreshService.seed.bind(refreshService);
    refreshService.seed = async (given) => {
      await seed(given);
      refreshService.seed = seed;
      throw new RefreshServiceError('the answer was lost');
    };
    const request = admin.request('acme');
    await assert.rejects(admin.do(request), RefreshServiceError);
    assert.equal((await admin.record('acme')).state, 'removed');
    assert.equal((await admin.do(request)).published, true);
  });

  it('undoes nothing of somebody else when the id was taken meanwhile', async () => {
    const admin = new AdminWorld();
    const { refreshService } = admin.context;
    const seed = refreshService.seed.bind(refreshService);
    refreshService.seed = async (given) => {
      await seed({ ...given, chain: 'fake-chain-of-another' });
      throw new RefreshServiceError('the answer was lost');
    };
    await assert.rejects(admin.register('acme'), RefreshServiceError);
    assert.equal((await admin.record('acme')).state, 'active');
  });

  it('says of a token that no header can carry that it is one, until a good one has come', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.playAlways((request) => {
      const outcome = admin.world.provider.answer(request);
      if (outcome.kind !== 'success') return outcome;
      const accessToken = new Secret(`${outcome.response.accessToken.reveal()}\u001b[31m`);
      return { ...outcome, response: { ...outcome.response, accessToken } };
    });
    await admin.register('acme');
    const status = () => admin.do({ action: 'status', credential: 'acme' });
    assert.equal((await status()).unprintable, true);
    admin.world.endpoint.playAlways(admin.world.provider.answer);
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    assert.equal((await status()).unprintable, undefined);
  });

  it('creates no published secret for what is not published, and does not call it published', async () => {
    const admin = new AdminWorld();
    const answer = await admin.register('acme', { mode: 'on-demand' });
    assert.equal(answer.publish, 'none');
    assert.equal(answer.published, false);
    assert.deepEqual(admin.world.secrets.names(), ['renova/prd/acme/client']);
  });

  it('gives a shorter lifetime more lanes', async () => {
    const admin = new AdminWorld();
    const answer = await admin.register('acme', { access_token_seconds: 180 });
    assert.equal(answer.lanes, 20);
  });

  it('refuses an id that is registered, and touches nothing of it', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const before = await admin.record('acme');
    const error = await admin.refused(
      admin.request('acme', { client: { ...CLIENT, client_id: 'fake-other' } }),
      'already-registered',
    );
    assert.equal(error.field, 'credential');
    assert.match(error.remedy ?? '', /renova reseed acme/);
    assert.deepEqual(await admin.record('acme'), before);
    const stored = await admin.world.secrets.get('renova/prd/acme/client');
    assert.equal(JSON.parse(stored?.value.reveal() ?? '').client_id, CLIENT.client_id);
  });

  it('keeps the refresh token before anything is sent to the provider', async () => {
    const admin = new AdminWorld();
    const { world } = admin;
    let keptBefore: unknown;
    world.endpoint.play((request) => {
      keptBefore = world.ledger.items()[0]?.pair?.sealedRefresh;
      return world.provider.answer(request);
    });
    await admin.register('acme');
    assert.equal(typeof keptBefore, 'string');
  });
});

describe('registering while something fails', () => {
  it('keeps all when the first refresh fails, says so, and the next tick makes it', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play({ kind: 'throttled', retryAfterSeconds: 30 });
    const answer = await admin.register('acme');
    const first = answer.steps.at(-1);
    assert.deepEqual([first.step, first.ok], ['first refresh', false]);
    assert.match(first.detail, /too many requests \(http-429\); the refresh token is kept/);
    assert.equal(answer.published, false);
    assert.equal(answer.expires_at, undefined);
    assert.ok(await admin.world.chainLives('acme'));

    await admin.world.ticks(2);
    assert.equal((await admin.record('acme')).publication.generation, 1);
  });

  it('keeps all when the refresh function does not answer', async () => {
    const admin = new AdminWorld();
    admin.isRefreshAway = true;
    const answer = await admin.register('acme');
    assert.match(answer.steps.at(-1).detail, /the refresh function did not answer/);
    assert.ok(await admin.world.chainLives('acme'));
  });

  it('says what to do when the provider refuses the refresh token', async () => {
    const admin = new AdminWorld();
    const answer = await admin.register('acme', { refresh_token: 'fake-sentinel-spent' });
    assert.equal(answer.state, 'lapsed');
    assert.match(answer.steps.at(-1).detail, /does not take this refresh token.*renova reseed acme/);
  });

  it('can be done again after a store failed on the way, without a second chain', async () => {
    for (const [store, operation, failure] of [
      ['vault', 'create', StoreUnavailableError],
      // Saved by the refresh function, of whose failure nothing is told.
      ['ledger', 'save', RefreshServiceError],
      ['ledger', 'load', StoreUnavailableError],
    ] as const) {
      const admin = new AdminWorld();
      const request = admin.request('acme');
      admin.world.fault = failing(store, operation, 'before');
      await assert.rejects(admin.do(request), failure);
      const answer = await admin.do(request);
      assert.equal(answer.generation, 1, `${store} ${operation}`);
      assert.equal(answer.published, true);
    }
  });
});

describe('registering beyond what a quota can keep fresh', () => {
  it('takes 44 BS2 credentials on 10 requests a minute, and refuses the 45th with the arithmetic', async () => {
    const admin = await full();
    const error = await admin.refused(admin.request('one-more'), 'quota-exceeded');
    assert.equal(error.field, 'quota');
    assert.match(error.message, /bs2 allows 10 requests in 60 s, of which 8\.8 can be used/);
    assert.match(error.message, /with one-more its credentials would need 9\.0/);
    assert.match(error.remedy ?? '', /on-demand.*force/);
    assert.equal(await admin.world.ledger.load('one-more'), undefined);
    assert.ok(!admin.world.secrets.names().includes('renova/prd/one-more/client'));
  });

  it('takes more when the caller insists, is on demand, or has a quota of its own', async () => {
    const admin = await full();
    await admin.register('on-demand', { mode: 'on-demand' });
    await admin.register('own', { quota: { key: 'own', limit: 10, window_seconds: 60 } });
    assert.equal((await admin.register('insisted', { force: true })).state, 'active');
  });

  it('does not count what is removed', async () => {
    const admin = await full();
    await admin.do({ action: 'remove', credential: 'bs2-1' });
    assert.equal((await admin.register('one-more')).state, 'active');
  });

  it('asks the same of whatever makes a credential active again', async () => {
    const admin = await full();
    await admin.do({ action: 'pause', credential: 'bs2-1' });
    await admin.register('one-more');
    const resume = { action: 'resume', credential: 'bs2-1' };
    const error = await admin.refused(resume, 'quota-exceeded');
    assert.match(error.remedy ?? '', /--force.*renova update bs2-1 --mode on-demand$/);
    const reseed = { action: 'reseed', credential: 'bs2-1', refresh_token: 'fake-new' };
    await admin.refused(reseed, 'quota-exceeded');
    assert.equal((await admin.record('bs2-1')).state, 'paused');
    await admin.do({ action: 'update', credential: 'bs2-1', scope: 'fake-other' });
    assert.equal((await admin.do({ ...resume, force: true })).state, 'active');
    await admin.do({ action: 'pause', credential: 'bs2-1' });
    assert.equal((await admin.do({ ...reseed, force: true })).state, 'active');
    // It is among those that the quota has to keep, whatever it stands at.
    assert.equal((await admin.do(reseed)).state, 'active');
  });

  async function full(): Promise<AdminWorld> {
    const admin = new AdminWorld();
    admin.isRefreshAway = true;
    for (let count = 1; count <= 44; count += 1) await admin.register(`bs2-${count}`);
    return admin;
  }
});

describe('a quota key', () => {
  const other = { key: 'bs2', limit: 100, window_seconds: 60 };

  it('has one limit: another is refused, by registration and by update, with what to do', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    for (const quota of [other, { ...other, limit: 10, window_seconds: 30 }]) {
      const error = await admin.refused(admin.request('beta', { quota, force: true }), 'invalid-request');
      assert.equal(error.field, 'quota.limit');
      assert.match(error.message, /bs2 allows 10 requests in 60 s\. Give the same .* or another key/);
      assert.match(error.remedy ?? '', /renova update acme --quota-limit "<requests>" .*--force$/);
    }
    await admin.register('beta', { quota: { ...other, key: 'own' } });
    for (const quota of [{ key: 'bs2' }, other]) {
      await admin.refused({ action: 'update', credential: 'beta', quota, force: true }, 'invalid-request');
    }
    await admin.register('gamma');
    const limit = { action: 'update', credential: 'acme', quota: { limit: 20 } };
    await admin.refused(limit, 'invalid-request');
    assert.equal((await admin.record('gamma')).quota?.limit, 10);
  });

  it('is changed for all that share it, when the caller insists; a profile then yields to it', async () => {
    const admin = new AdminWorld();
    for (const id of ['acme', 'beta', 'gamma']) await admin.register(id);
    const request = { action: 'update', credential: 'acme', quota: { limit: 20 }, force: true };
    const { steps } = await admin.do(request);
    assert.equal(steps[1].step, 'limit of bs2 changed for 2 more');
    await admin.register('delta');
    for (const id of ['acme', 'beta', 'gamma', 'delta']) {
      assert.deepEqual((await admin.record(id)).quota, { key: 'bs2', limit: 20, windowMs: 60_000 }, id);
    }
  });

  it('that nobody else has is changed without a word', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.do({ action: 'update', credential: 'acme', quota: { limit: 20 } });
    assert.equal((await admin.record('acme')).quota?.limit, 20);
  });
});

describe('a check before the secrets are asked for', () => {
  const check = (action: string, more: object = {}) => ({ action, credential: 'acme', check: true, ...more });
  const open = { scope: 'fake-scope', user_agent: 'fake-bank-code' };

  it('refuses what can be known to be wrong, and changes nothing', async () => {
    const admin = new AdminWorld();
    assert.deepEqual(await admin.do(check('register', open)), { credential: 'acme', checked: true });
    assert.equal(await admin.world.ledger.load('acme'), undefined);
    await admin.refused(check('register', { ...open, scope: undefined }), 'invalid-request');
    await admin.refused(
      check('register', { ...open, token_url: 'http://provider.example/' }),
      'invalid-token-url',
    );
    await admin.refused(check('register', { ...open, credential: 'networks' }), 'invalid-request');
    await admin.refused(check('reseed'), 'unknown-credential');
    await admin.refused({ action: 'networks', check: true }, 'invalid-request');

    await admin.register('acme');
    const before = await admin.record('acme');
    await admin.refused(check('register', open), 'already-registered');
    await admin.refused(check('register'), 'already-registered');
    await admin.refused(check('register', { app: 'fake-unknown' }), 'already-registered');
    assert.equal((await admin.do(check('update', { scope: 'fake-other' }))).checked, true);
    await admin.refused(check('update', { method: 'GET' }), 'invalid-request');
    const ended = { refresh_token_expires_at: '2020-01-01T00:00:00Z' };
    await admin.refused(check('reseed', ended), 'invalid-request');
    assert.equal((await admin.do(check('reseed'))).checked, true);
    assert.deepEqual(await admin.record('acme'), before);
  });
});
