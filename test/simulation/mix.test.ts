import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MixError, parseMix } from './mix.ts';
import { parseArguments } from './options.ts';
import { simulate } from './simulate.ts';

const BANK = {
  count: 2,
  provider: 'bank',
  access_token_seconds: 300,
  refresh_token_seconds: 172_800,
  readers: { secrets: 1, read: 2, every_seconds: 120 },
};
const ON_DEMAND = {
  count: 3,
  provider: 'crm',
  mode: 'on-demand',
  access_token_seconds: 3600,
  refresh_token_seconds: 14_400,
  states_refresh_life: true,
};
const MIX = {
  providers: { bank: { quota: { limit: 10, window_seconds: 60 } }, crm: {} },
  credentials: [BANK, ON_DEMAND],
};

describe('a mix of populations', () => {
  it('says who is there, and what it leaves out is as usual', () => {
    assert.deepEqual(parseMix(JSON.stringify(MIX)), [
      {
        count: 2,
        mode: 'fresh',
        provider: 'bank',
        quota: { limit: 10, windowMs: 60_000 },
        accessLifeMs: 300_000,
        refreshLifeMs: 172_800_000,
        statesRefreshLife: false,
        readers: { secrets: 1, read: 2, everyMs: 120_000 },
      },
      {
        count: 3,
        mode: 'on-demand',
        provider: 'crm',
        accessLifeMs: 3_600_000,
        refreshLifeMs: 14_400_000,
        statesRefreshLife: true,
        readers: { secrets: 0, read: 1, everyMs: 240_000 },
      },
    ]);
  });

  const wrong = (credentials: object, providers: object = MIX.providers) =>
    JSON.stringify({ providers, credentials: [credentials] });
  for (const [what, text, says] of [
    ['no JSON', 'bank: 3', /^expected a file with one JSON object\.$/],
    ['a list', '[]', /^expected an object\.$/],
    ['null', 'null', /^expected an object\.$/],
    ['nothing in it', '{}', /^providers is missing\.$/],
    [
      'no credentials',
      JSON.stringify({ providers: {}, credentials: [] }),
      /^credentials: expected at least one entry\.$/,
    ],
    [
      'an unknown member',
      wrong({ ...BANK, colour: 'red' }),
      /^credentials\.0\.colour is not a member that a mix has\.$/,
    ],
    [
      'an unknown provider',
      wrong({ ...BANK, provider: 'other' }),
      /^credentials\.0\.provider: expected one of the names/,
    ],
    [
      'a provider that every object has',
      wrong({ ...BANK, provider: 'constructor' }),
      /^credentials\.0\.provider: /,
    ],
    ['no count', wrong({ ...BANK, count: undefined }), /^credentials\.0\.count is missing\.$/],
    [
      'a count of none',
      wrong({ ...BANK, count: 0 }),
      /^credentials\.0\.count: expected a whole number from 1 to 9999\.$/,
    ],
    [
      'a count that is a text',
      wrong({ ...BANK, count: '2' }),
      /^credentials\.0\.count: expected a whole number/,
    ],
    ['half a credential', wrong({ ...BANK, count: 1.5 }), /^credentials\.0\.count: expected a whole number/],
    [
      'too many in all',
      JSON.stringify({ ...MIX, credentials: [{ ...BANK, count: 9999 }, BANK] }),
      /^credentials: expected at most 9999/,
    ],
    [
      'another mode',
      wrong({ ...BANK, mode: 'lazy' }),
      /^credentials\.0\.mode: expected fresh or on-demand\.$/,
    ],
    [
      'a life of seconds',
      wrong({ ...BANK, access_token_seconds: 5 }),
      /^credentials\.0\.access_token_seconds: /,
    ],
    [
      'readers of what is not published',
      wrong({ ...ON_DEMAND, readers: { secrets: 1 } }),
      /^credentials\.0\.readers\.secrets: expected 0/,
    ],
    [
      'a quota of none',
      wrong(BANK, { bank: { quota: { limit: 0, window_seconds: 60 } } }),
      /^providers\.bank\.quota\.limit: /,
    ],
  ] as const) {
    it(`is refused in one sentence that names the member: ${what}`, () => {
      assert.throws(
        () => parseMix(text),
        (error) => error instanceof MixError && says.test(error.message) && !error.message.includes('\n'),
      );
    });
  }

  it('is run: each population by its own provider, and readers on demand get living tokens', async () => {
    const mix = parseMix(JSON.stringify(MIX));
    const { figures, details } = await simulate({
      strategy: 'renova',
      env: 'prd',
      credentials: 1,
      mix,
      days: 0.25,
      faults: 'none',
      seed: 1,
    });
    assert.equal(figures.credentials, 5);
    const { chains_lost, dead_tokens_served, refused_reads } = figures;
    assert.deepEqual([chains_lost, dead_tokens_served, refused_reads], [0, 0, 0]);
    assert.deepEqual([figures.expired_seconds, figures.expired_seconds_read], [0, 0]);
    assert.ok(details.reads > 1000, `${details.reads} reads`);
    // Two that are always fresh, at the first tick after 150 s; three that are renewed when somebody asks.
    assert.ok(figures.refreshes > 2 * 115 && figures.refreshes < 2 * 145 + 3 * 16, `${figures.refreshes}`);
  });
});

describe('--mix', () => {
  const parsed = (...args: readonly string[]) => parseArguments(args);

  it('reads the file', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'renova-mix-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'mix.json');
    writeFileSync(file, JSON.stringify(MIX));
    const line = parsed('--mix', file);
    assert.ok(line.kind === 'run' && line.options.run.mix?.length === 2);
  });

  it('is wrong usage when there is no such file, or beside --credentials', () => {
    const missing = parsed('--mix', '/nowhere/mix.json');
    assert.ok(missing.kind === 'wrong-usage' && /^option '--mix <file>': .*ENOENT/.test(missing.message));
    const both = parsed('--mix', '/nowhere/mix.json', '--credentials', '3');
    assert.ok(both.kind === 'wrong-usage' && /--credentials/.test(both.message));
  });
});

describe('--faults', () => {
  const faultsOf = (text: string) => {
    const line = parseArguments(['--faults', text]);
    return line.kind === 'run' ? line.options.run.faults : line.kind;
  };

  it('takes a level, or kinds by their names', () => {
    assert.equal(faultsOf('none'), 'none');
    assert.deepEqual(faultsOf('no-token'), ['no-token']);
    assert.deepEqual(faultsOf('mass-refusal,retry-after,mass-refusal'), ['mass-refusal', 'retry-after']);
  });

  it('takes nothing else, and a level only alone', () => {
    for (const text of [
      '',
      'rain',
      'no-token,',
      'no-token,rain',
      'storm,no-token',
      'NO-TOKEN',
      'constructor',
    ]) {
      assert.equal(faultsOf(text), 'wrong-usage', text);
    }
  });
});
