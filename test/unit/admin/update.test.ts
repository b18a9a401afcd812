import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Secret } from '../../../shared/secret/secret.ts';
import { CertificateAuthority } from '../token-endpoint/certificate-authority.ts';
import { AdminWorld, CLIENT } from './admin-world.ts';

const update = (more: object) => ({ action: 'update', credential: 'acme', ...more });

describe('updating a setting', () => {
  const settings: readonly [given: object, member: string, value: unknown][] = [
    [{ token_url: 'https://other.example/token' }, 'tokenUrl', 'https://other.example/token'],
    [{ scope: 'fake-other-scope' }, 'scope', 'fake-other-scope'],
    [{ client_auth: 'basic' }, 'clientAuth', 'basic'],
    [{ mode: 'on-demand' }, 'mode', 'on-demand'],
    [{ access_token_seconds: 180 }, 'defaultAccessTokenMs', 180_000],
    [{ refresh_token_seconds: 3600 }, 'refreshTokenMs', 3_600_000],
    [{ extra: { tenant: 'fake-1' } }, 'extra', { tenant: 'fake-1' }],
    [{ quota: { limit: 20 } }, 'quota', { key: 'bs2', limit: 20, windowMs: 60_000 }],
    [{ quota: { key: 'own' } }, 'quota', { key: 'own', limit: 10, windowMs: 60_000 }],
    [{ quota: { window_seconds: 30 } }, 'quota', { key: 'bs2', limit: 10, windowMs: 30_000 }],
  ];
  for (const [given, member, value] of settings) {
    it(`changes ${member} by ${JSON.stringify(given)}, and no other setting and no token`, async () => {
      const admin = new AdminWorld();
      await admin.register('acme');
      const before = await admin.record('acme');
      const posts = admin.world.endpoint.received.length;

      const answer = await admin.do(update(given));

      assert.deepEqual(answer.steps, [{ step: 'settings changed', ok: true }]);
      const { [member]: changed, ...rest } = settingsOf(await admin.record('acme'));
      const { [member]: _, ...others } = settingsOf(before);
      assert.deepEqual(changed, value);
      assert.deepEqual(rest, others);
      assert.deepEqual((await admin.record('acme')).pair, before.pair);
      assert.equal(admin.world.endpoint.received.length, posts, 'a change of settings posts nothing');
    });
  }

  it('reaches the provider with the next refresh', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.do(update({ scope: 'fake-other-scope', client_auth: 'basic', extra: { tenant: 'fake-1' } }));
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    const sent = admin.world.endpoint.received.at(-1)?.request;
    assert.deepEqual(
      [sent?.scope, sent?.clientAuth, sent?.extra],
      ['fake-other-scope', 'basic', { tenant: 'fake-1' }],
    );
  });

  it('stores no password that nobody would log in with', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const error = await admin.refused(update({ client: { password: 'fake-sentinel' } }), 'invalid-request');
    assert.equal(error.field, 'client.password');
    assert.match(error.remedy ?? '', /renova reseed acme/);
  });

  it('refuses a secret in extra, and one with a line break at its end, and changes nothing', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const before = await admin.record('acme');
    for (const [given, field] of [
      [{ extra: { client_secret: 'fake-sentinel' } }, 'extra'],
      [{ client: { client_secret: 'fake-sentinel\n' } }, 'client.client_secret'],
    ] as const) {
      await assert.rejects(admin.do(update(given)), { code: 'invalid-request', field });
    }
    assert.deepEqual(await admin.record('acme'), before);
    assert.doesNotMatch(admin.said.join('\n'), /sentinel/);
  });

  it('of the mode moves the next refresh, and back', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const { pair } = await admin.record('acme');
    await admin.do(update({ mode: 'on-demand' }));
    const aThirdMs = (48 * 3_600_000) / 3;
    const waitsMs = (await admin.record('acme')).refreshAtMs - (pair?.issuedAtMs ?? 0);
    assert.ok(waitsMs <= aThirdMs && waitsMs >= 0.8 * aThirdMs, `${waitsMs} ms`);
    await admin.do(update({ mode: 'fresh' }));
    const again = await admin.record('acme');
    assert.equal(again.refreshAtMs, pair?.refreshAfterMs);
    assert.equal(again.dueAtMs, pair?.refreshAfterMs, 'the index knows it too');
  });

  it('of the mode takes a login without a refresh token off the schedule, and puts it back', async () => {
    const admin = new AdminWorld();
    const accessToken = new Secret('fake-access');
    admin.world.endpoint.play({ kind: 'success', response: { accessToken, tokenType: 'bearer' } });
    await admin.register('acme', { grant: 'client_credentials', refresh_token: undefined });
    assert.equal((await admin.do(update({ mode: 'on-demand' }))).due_at, undefined);
    const { refresh_after, due_at } = await admin.do(update({ mode: 'fresh' }));
    assert.equal(due_at, refresh_after);
  });

  it('of a credential that fails tries again at once, and tells how it went', async () => {
    const admin = new AdminWorld();
    admin.world.endpoint.play({ kind: 'refused-client', reason: 'invalid_scope' });
    const first = await admin.register('acme', { scope: 'fake-wrong' });
    assert.match(
      first.steps.at(-1).detail,
      /refused the scope \(invalid_scope\).*renova update acme --scope "<scope>"$/,
    );
    const answer = await admin.do(update({ scope: 'fake-scope' }));
    assert.deepEqual(
      answer.steps.map(({ step, ok }: { step: string; ok: boolean }) => [step, ok]),
      [
        ['settings changed', true],
        ['refresh', true],
      ],
    );
    assert.equal(answer.failing_since, undefined);
    assert.equal(answer.generation, 1);
  });

  it('of a paused or lapsed credential changes it and leaves its state', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { refresh_token: 'fake-spent' });
    assert.equal((await admin.do(update({ scope: 'fake-other' }))).state, 'lapsed');
    await admin.register('beta');
    await admin.do({ action: 'pause', credential: 'beta' });
    assert.equal((await admin.do({ ...update({ mode: 'on-demand' }), credential: 'beta' })).state, 'paused');
  });
});

describe('updating the client secret', () => {
  it('changes the members that are given; the others stay', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const answer = await admin.do(update({ client: { client_secret: 'fake-sentinel-2' } }));
    const previous = { ...CLIENT };
    const first = { ...CLIENT, client_secret: 'fake-sentinel-2', previous };
    assert.deepEqual(await admin.client('acme'), first);
    assert.deepEqual(answer.steps, [{ step: 'client secret changed', ok: true }], 'and no setting');
    await admin.do(update({ client: { client_id: 'fake-other', network: 'fake-network' } }));
    assert.deepEqual(await admin.client('acme'), {
      client_id: 'fake-other',
      client_secret: 'fake-sentinel-2',
      network: 'fake-network',
      previous,
    });
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    assert.equal(admin.world.endpoint.received.at(-1)?.request.client.clientId, 'fake-other');
    assert.doesNotMatch(admin.said.join('\n'), /sentinel/);
  });

  it('that somebody deleted stores it anew, when the whole of it is given', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.world.secrets.remove(admin.world.names.client('acme'), 7);
    admin.container = admin.world.newContainer();
    await admin.do({ action: 'refresh', credential: 'acme', force: true });
    assert.equal((await admin.record('acme')).failure?.reason, 'invalid-client-secret');

    const answer = await admin.do(update({ client: CLIENT }));

    assert.equal(answer.steps[0].step, 'client secret stored');
    assert.equal(answer.steps.at(-1).ok, true);
    assert.deepEqual(await admin.client('acme'), CLIENT);
    assert.equal(answer.generation, 2);
  });

  it('ends when it is said to, and not when the one before did', async () => {
    const admin = new AdminWorld();
    const until = { ...CLIENT, expires_at: '2100-01-01T00:00:00Z' };
    await admin.register('acme', { client: until });
    const steps = async (client: object) =>
      (await admin.do(update({ client }))).steps.map(({ step }: { step: string }) => step).join('\n');
    const end = async () => (await admin.do({ action: 'status', credential: 'acme' })).client_expires_at;
    assert.doesNotMatch(await steps({ client_id: 'fake-other' }), /is not known/);
    assert.equal(await end(), '2100-01-01T00:00:00.000Z');
    assert.match(await steps({ client_secret: 'fake-sentinel-2' }), /give client\.expires_at/);
    assert.equal(await end(), undefined);
    assert.doesNotMatch(await steps({ client_secret: 'fake-sentinel-3' }), /is not known/);
    await steps({ expires_at: '2101-01-01T00:00:00Z' });
    assert.equal(await end(), '2101-01-01T00:00:00.000Z');
  });

  it('ends with the certificate that stays beside it', async () => {
    const admin = new AdminWorld();
    const { certificate, key } = new CertificateAuthority('Fake CA').issue('fake-client');
    await admin.register('acme', { client: { ...CLIENT, certificate, private_key: key } });
    const end = async () => (await admin.do({ action: 'status', credential: 'acme' })).client_expires_at;
    assert.equal(await end(), '2120-01-01T00:00:00.000Z');
    const { steps } = await admin.do(update({ client: { client_secret: 'fake-sentinel-2' } }));
    assert.ok(!steps.some(({ step }: { step: string }) => step.includes('is not known')));
    assert.equal(await end(), '2120-01-01T00:00:00.000Z');
    await admin.do(update({ client: { expires_at: '2130-01-01T00:00:00Z' } }));
    assert.equal(await end(), '2120-01-01T00:00:00.000Z');
    await admin.do(update({ client: { client_secret: 'fake-3', expires_at: '2110-01-01T00:00:00Z' } }));
    assert.equal(await end(), '2110-01-01T00:00:00.000Z');
  });

  it('ends when it is said to at a reseed, and not when the one before did', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { client: { ...CLIENT, expires_at: '2100-01-01T00:00:00Z' } });
    const end = async (client: object) => {
      const refresh_token = admin.world.provider.login().reveal();
      await admin.do({ action: 'reseed', credential: 'acme', refresh_token, client });
      return (await admin.do({ action: 'status', credential: 'acme' })).client_expires_at;
    };
    const until = { client_secret: 'fake-sentinel-2', expires_at: '2101-01-01T00:00:00Z' };
    assert.equal(await end(until), '2101-01-01T00:00:00.000Z');
    assert.equal(await end({ client_secret: 'fake-sentinel-3' }), undefined);
  });

  it('that somebody damaged is stored anew, as the command that is named says', async () => {
    for (const damaged of ['no JSON', '{}', '[]', '{"client_id": 7}', '']) {
      const admin = new AdminWorld();
      await admin.register('acme');
      await admin.world.secrets.put(admin.world.names.client('acme'), new Secret(damaged));
      admin.container = admin.world.newContainer();
      await admin.do({ action: 'refresh', credential: 'acme', force: true });
      assert.equal((await admin.record('acme')).failure?.reason, 'invalid-client-secret');

      const half = { client_secret: 'fake-sentinel-2' };
      const refusal = await admin.refused(update({ client: half }), 'invalid-request');
      assert.match(refusal.message, /gone or damaged; expected all of it: client_id, client_secret\.$/);
      const answer = await admin.do(update({ client: CLIENT }));
      assert.equal(answer.steps[0].step, 'client secret stored');
      assert.deepEqual(await admin.client('acme'), CLIENT);
      assert.equal(answer.generation, 2);
    }
  });

  it('that somebody deleted is no reason to store half of one', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    await admin.world.secrets.remove(admin.world.names.client('acme'), 7);
    for (const client of [{ client_id: 'fake-id' }, { client_secret: 'fake-sentinel-2' }]) {
      await assert.rejects(admin.do(update({ client, scope: 'fake-other' })));
      assert.equal(await admin.client('acme'), undefined);
      assert.equal((await admin.record('acme')).scope, 'fake-scope', 'nothing was changed');
    }
  });
});

describe('updating what is refused', () => {
  it('changes nothing, and names what is wrong', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const before = await admin.record('acme');
    const wrong: readonly [field: string, more: object][] = [
      ['client.client_secret', { client: { client_secret: '' } }],
      ['client.fake', { client: { fake: 'fake-sentinel' } }],
      ['scope', { scope: '' }],
      ['mode', { mode: 'fake-sentinel' }],
      ['publish', { publish: 'fake-sentinel' }],
      ['client_auth', { client_auth: 'fake-sentinel' }],
      ['quota.limit', { quota: { limit: 0 } }],
      ['quota.fake', { quota: { fake: 1 } }],
      ['access_token_seconds', { access_token_seconds: 0 }],
      ['grant', { grant: 'password' }],
      ['refresh_token', { refresh_token: 'fake-sentinel' }],
      ['credential', { credential: 'Not An Id' }],
    ];
    for (const [field, more] of wrong) {
      // Whatever is right beside it is not done either.
      const input = { ...update({ client: { client_secret: 'fake-sentinel-2' } }), ...more };
      const error = await admin.refused(input, 'invalid-request');
      assert.equal(error.field, field);
    }
    const insecure = { token_url: 'http://provider.example/', client: { client_secret: 'fake-sentinel-2' } };
    assert.equal((await admin.refused(update(insecure), 'invalid-token-url')).field, 'token_url');
    assert.deepEqual(await admin.record('acme'), before);
    assert.deepEqual(await admin.client('acme'), CLIENT);
    assert.doesNotMatch(admin.said.join('\n'), /sentinel/);
  });

  it('by a quota that cannot carry it changes nothing, unless the caller insists', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { mode: 'on-demand' });
    const change = { mode: 'fresh', quota: { key: 'small', limit: 1, window_seconds: 600 } };
    const before = await admin.record('acme');
    const error = await admin.refused(
      update({ ...change, client: { client_secret: 'fake' } }),
      'quota-exceeded',
    );
    assert.match(error.message, /small allows 1 request in 600 s/);
    assert.deepEqual(await admin.record('acme'), before);
    assert.deepEqual(await admin.client('acme'), CLIENT);
    assert.equal((await admin.do(update({ ...change, force: true }))).mode, 'fresh');
  });

  it('names a quota that is not whole, of a credential without one', async () => {
    const admin = new AdminWorld();
    await admin.register('acme');
    const { ledger } = admin.world;
    const record = await admin.record('acme');
    await ledger.save({ ...record, quota: undefined, revision: record.revision + 1, writer: 'fake' });
    const error = await admin.refused(update({ quota: { limit: 5 } }), 'invalid-request');
    assert.match(error.message, /^quota: expected key, limit and window_seconds/);
  });

  it('is also what nobody registered, or what was removed', async () => {
    const admin = new AdminWorld();
    await admin.refused(update({ scope: 'fake' }), 'unknown-credential');
    await admin.register('acme');
    await admin.do({ action: 'remove', credential: 'acme' });
    await admin.refused(update({ scope: 'fake', client: CLIENT }), 'unknown-credential');
    assert.deepEqual(admin.world.secrets.names(), []);
  });

  it('is also what somebody removes meanwhile, and removing it again leaves nothing of it', async () => {
    const admin = new AdminWorld();
    await admin.register('acme', { publish: 'none' });
    const remove = { action: 'remove', credential: 'acme' };
    const { publication } = admin.context;
    const createLanes = publication.createLanes.bind(publication);
    publication.createLanes = async (record) => {
      await admin.doNow(remove);
      await createLanes(record);
    };
    await admin.refused(update({ publish: 'access' }), 'unknown-credential');
    assert.equal((await admin.record('acme')).publish, 'none');
    assert.notDeepEqual(admin.world.secrets.names(), []);
    await admin.do(remove);
    assert.deepEqual(admin.world.secrets.names(), []);
  });
});

function settingsOf(record: object): Record<string, unknown> {
  const chosen = Object.entries(record).filter(([member]) => SETTINGS.includes(member));
  return Object.fromEntries(chosen);
}

const SETTINGS =
  'credential provider tokenUrl scope grant clientAuth mode publish quota defaultAccessTokenMs refreshTokenMs extra state'.split(
    ' ',
  );
