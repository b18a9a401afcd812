// What a profile must have: every fact, or that it is not known; sources; and the document that is made of it.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { PROVIDER_FACTS, type ProviderFact } from '../../shared/provider/knowledge.ts';
import { type KnownProvider, partsOf } from '../../shared/provider/profile.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { lifeInWords, providerSheet } from '../../shared/provider/provider-sheet.ts';
import { partsOfPage, withParts } from './providers-page.ts';

const ROOT = new URL('../../', import.meta.url);
const all = [...profiles.values()];

/** Whether a profile has the fact; undefined: there is no such thing with this provider. */
function has(profile: KnownProvider, fact: ProviderFact): boolean | undefined {
  const rotates = profile.grants.some((grant) => grant !== 'client_credentials');
  const logsIn = profile.grants.includes('refresh_token');
  switch (fact) {
    case 'authorize-url':
      return logsIn ? profile.login?.authorizeUrl !== undefined : undefined;
    case 'access-token-life':
      return !profile.knowledge.unknown.includes(fact);
    case 'refresh-token-life':
      // One that stays and has no end of its own is known to have none.
      if (!rotates) return undefined;
      return profile.refreshTokenSeconds !== undefined || hasNoEnd(profile);
    case 'rotation':
      return rotates ? profile.refreshTokenRotation !== undefined : undefined;
    case 'grace':
      if (!rotates || profile.refreshTokenRotation === 'never') return undefined;
      return profile.refreshTokenGraceSeconds !== undefined;
    case 'quota':
      return profile.quota !== undefined;
  }
}

function hasNoEnd({ knowledge }: KnownProvider): boolean {
  return (knowledge.notes ?? []).some((note) => note.includes('no end of their own'));
}

for (const profile of all) {
  const { provider, knowledge, tokenUrl, login } = profile;

  describe(`what is known of ${provider}`, () => {
    test('has each fact, or says that it is not known', () => {
      for (const fact of Object.keys(PROVIDER_FACTS) as ProviderFact[]) {
        const known = has(profile, fact);
        if (known === undefined) continue;
        assert.equal(knowledge.unknown.includes(fact), !known, fact);
      }
    });

    test('comes from pages with an address, read on a day', () => {
      assert.ok(knowledge.sources.length > 0);
      for (const { url, of } of knowledge.sources) {
        assert.equal(URL.parse(url)?.protocol, 'https:', url);
        assert.notEqual(of, '');
      }
      assert.match(knowledge.readOn, /^\d{4}-\d\d-\d\d$/);
      assert.notEqual(knowledge.firstToken, '');
      assert.ok(knowledge.endsEarly.length > 0);
    });

    test('has URLs of https, with parts that people can fill in', () => {
      const urls = [tokenUrl, login?.authorizeUrl, login?.deviceUrl].flatMap((by) => Object.values(by ?? {}));
      for (const url of [...urls, ...(profile.networkUrl ? [profile.networkUrl] : [])]) {
        assert.match(url, /^https:\/\/[\w.{}-]+\//);
        assert.ok(partsOf(url).length <= 1, url);
      }
    });

    test('is told whole, every fact in words', () => {
      const told = JSON.stringify(providerSheet(profile));
      for (const text of [
        knowledge.title,
        knowledge.firstToken,
        ...knowledge.endsEarly,
        ...(knowledge.notes ?? []),
      ]) {
        assert.ok(told.includes(JSON.stringify(text).slice(1, -1)), text);
      }
      assert.doesNotMatch(told, /undefined|NaN|\[object/);
    });
  });
}

test('no code knows a provider by its name, beside its profile', () => {
  const names = new RegExp(`'(?:${all.map(({ provider }) => provider).join('|')})'`, 'g');
  const found = ['shared', 'cli', 'functions', 'infra', 'client']
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT }))
    .filter((file) => !file.startsWith('shared/provider/'))
    .flatMap((file) =>
      (readFileSync(new URL(file, ROOT), 'utf8').match(names) ?? []).map((name) => [file, name]),
    );
  // Whom `networks` means when nobody says it, and a word of the OAuth library's.
  assert.deepEqual(found, [
    ['shared/admin/networks.ts', "'bsn'"],
    ['cli/login/authorization.ts', "'oauth2'"],
    ['cli/commands/provider.ts', "'bsn'"],
  ]);
});

test('docs/providers.md says what the profiles say (node test/providers/write-providers-page.ts)', () => {
  const document = readFileSync(new URL('docs/providers.md', ROOT), 'utf8');
  assert.equal(document, withParts(document, partsOfPage()));
  for (const { provider } of all) assert.match(document, new RegExp(`^### ${provider}$`, 'm'));
});

test('a life is told as people say it', () => {
  assert.deepEqual([330, 300, 3600, 172_800, 5_184_000, 157_680_000, 3599].map(lifeInWords), [
    '330 seconds',
    '5 minutes',
    '1 hour',
    '48 hours',
    '60 days',
    '5 years',
    '3599 seconds',
  ]);
});
