import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Health, healthOf } from '../../cli/format/health.ts';
import { type Command, commandWords } from '../../shared/failure/command.ts';
import { at, NOW_MS } from './run-command.ts';
import { FAILING, HEALTHY, LAPSED } from './summaries.ts';

const words = (command: Command | undefined) => command && commandWords(command);
const fixOf = ({ remedy }: Health) => words(remedy?.command);
const otherwiseOf = ({ remedy }: Health) => words(remedy?.otherwise?.command);

test('a healthy credential is said to be so, with what its tokens are worth', () => {
  assert.deepEqual(healthOf(HEALTHY, NOW_MS), {
    code: 'healthy',
    sentence: 'acme is healthy: its token is valid for 3 min, its refresh token for 47 h.',
  });
});

test('a failing credential says since when, why, what is left, and what fixes it', () => {
  assert.deepEqual(healthOf(FAILING, NOW_MS), {
    code: 'failing',
    sentence:
      'beta has been failing for 1 h 2 min (3 attempts): the provider refused the client id, the client secret or another setting (invalid_client); its token expired 2 min ago, its refresh token is valid for 11 h.',
    remedy: {
      text: 'Check client id and client secret at the provider, and give the right ones:',
      command: { name: 'update', flags: ['--client'], id: 'beta' },
      otherwise: {
        when: 'the provider wants the client secret by HTTP Basic',
        command: { name: 'update', flags: ['--client-auth', 'basic'], id: 'beta' },
      },
    },
  });
});

const FIXED_BY: readonly [wrong: string, more: object, fix: string, otherwise: string | undefined][] = [
  ['the client', { reason: 'invalid_client', client_auth: 'basic' }, '--client', '--client-auth post'],
  [
    'a client without a secret',
    { reason: 'invalid_client', client_auth: 'none' },
    '--client',
    '--client-auth post',
  ],
  ['the scope', { reason: 'invalid_scope' }, '--scope "<scope>"', undefined],
  ['the token URL', { reason: 'http-404' }, '--token-url "<url>"', undefined],
];
for (const [wrong, more, fix, otherwise] of FIXED_BY) {
  test(`when the provider refuses ${wrong}, the fix changes that`, () => {
    const health = healthOf({ ...FAILING, ...more }, NOW_MS);
    assert.equal(fixOf(health), `update beta ${fix}`);
    assert.equal(otherwiseOf(health), otherwise && `update beta ${otherwise}`);
  });
}

test('a provider that cannot be reached is waited for, or has another address', () => {
  const health = healthOf({ ...FAILING, outcome: 'not-sent', reason: 'ECONNREFUSED' }, NOW_MS);
  assert.equal(health.remedy?.waits, true);
  assert.equal(health.remedy?.otherwise?.when, 'its token URL is wrong');
  assert.equal(otherwiseOf(health), 'update beta --token-url "<url>"');
});

test('a client secret that is gone is given again', () => {
  const notReady = (reason: string) => fixOf(healthOf({ ...FAILING, outcome: 'not-ready', reason }, NOW_MS));
  assert.equal(notReady('invalid-client-secret'), 'update beta --client');
  assert.equal(notReady('store-unavailable'), 'status beta');
});

test('what another version calls a failure is said as it came, and waited for', () => {
  const health = healthOf({ ...FAILING, outcome: 'not-known-here', reason: 'nor-this' }, NOW_MS);
  assert.match(health.sentence, /: not-known-here nor-this; /);
  assert.equal(health.remedy?.waits, true);
});

test('a lapsed credential is fixed by a new chain, and says that its last token still lives', () => {
  assert.deepEqual(healthOf(LAPSED, NOW_MS), {
    code: 'lapsed',
    sentence: 'gamma lapsed 1 min ago: the refresh token ended before it could be used.',
    remedy: {
      text: 'Log in at the provider for a new refresh token, then:',
      command: { name: 'reseed', id: 'gamma' },
    },
  });
  const living = healthOf({ ...LAPSED, expires_at: at(90) }, NOW_MS);
  assert.match(living.sentence, / Its last token is served for 1 min 30 s more\.$/);
});

test('a chain that ended with an unreadable answer is looked at first', () => {
  assert.equal(fixOf(healthOf({ ...LAPSED, reason: 'answer-unreadable' }, NOW_MS)), 'rescue gamma');
});

test("a lapse after a lost answer is nobody's mistake", () => {
  const lost = { ...LAPSED, reason: 'grant-refused', after_unknown: true };
  assert.match(healthOf(lost, NOW_MS).sentence, /one of its answers had been lost.*nobody made a mistake/);
});

test('a paused credential is fixed by resuming it, as long as its refresh token lives', () => {
  const paused = (refresh_token_expires_at: string) =>
    healthOf({ ...HEALTHY, state: 'paused', refresh_token_expires_at }, NOW_MS);
  assert.equal(fixOf(paused(at(1))), 'resume acme');
  const ended = paused(at(0));
  assert.equal(fixOf(ended), 'reseed acme');
  assert.match(ended.sentence, /^acme is paused, and its refresh token ended/);
});

test('a fresh credential is late from the moment its token ends, an on-demand one is not', () => {
  assert.match(healthOf({ ...HEALTHY, expires_at: at(0.001) }, NOW_MS).sentence, /^acme is healthy/);
  const late = healthOf({ ...HEALTHY, expires_at: at(0) }, NOW_MS);
  assert.match(late.sentence, /^acme is late: its token expired/);
  assert.equal(fixOf(late), 'doctor');
  assert.equal(
    healthOf({ ...HEALTHY, mode: 'on-demand', expires_at: at(0) }, NOW_MS).sentence,
    'acme is healthy: its token is renewed when somebody asks for it, its refresh token is valid for 47 h.',
  );
});

test('a credential of which several tokens in a row were not published is not well, however new the last one is', () => {
  const behind = (published_generation: number) =>
    healthOf({ ...HEALTHY, issued_at: at(-1), published_generation }, NOW_MS);
  assert.equal(
    behind(9).sentence,
    'acme is refreshed, but its last 3 tokens have not been published: workloads that read the secrets have an old one.',
  );
  assert.equal(fixOf(behind(9)), 'refresh acme');
  assert.match(behind(11).sentence, /^acme is healthy/);
});

test('a token that stays out of its lane for more than two minutes is told, and what fixes it', () => {
  const unpublished = (more: object) =>
    healthOf({ ...HEALTHY, published_generation: 11, issued_at: at(-121), ...more }, NOW_MS);
  assert.equal(
    unpublished({}).sentence,
    'acme is refreshed, but its token has not been published for 2 min 1 s: workloads that read the secrets have an old one.',
  );
  assert.match(
    unpublished({ unpublished_reason: 'AccessDeniedException' }).sentence,
    /for 2 min 1 s \(AccessDeniedException\): workloads/,
  );
  assert.equal(fixOf(unpublished({ publish: 'pair' })), 'refresh acme');
  for (const well of [{ issued_at: at(-120) }, { publish: 'none' }, { published_generation: 12 }]) {
    assert.match(unpublished(well).sentence, /^acme is healthy/);
  }
});

test('a token that no header can carry is not called healthy, and is of the provider alone', () => {
  const { code, sentence, remedy } = healthOf({ ...HEALTHY, unprintable: true }, NOW_MS);
  assert.equal(code, 'unprintable-token');
  assert.match(
    sentence,
    /^acme is refreshed, but its token is of no use \(.*RFC 6749, appendix A\.12.*\)\.$/,
  );
  assert.deepEqual(remedy, { text: 'Ask the provider why it issues such tokens to this client.' });
});

test('a credential without a token yet is not called healthy', () => {
  assert.equal(
    healthOf({ credential: 'new', state: 'active' }, NOW_MS).sentence,
    'new is active and waits for its first token.',
  );
});
