// The example of docs/providers.md, taken from there and run.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import type { ProviderProfile } from '../../shared/provider/profile.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { CLIENT, startNodeOauthServer, USER } from './node-oauth-server.ts';
import { ProviderWorld } from './provider-world.ts';

const DOCUMENT = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');

test('a provider is data: the profile of the document is registered, and lives by its numbers', async (t) => {
  const profile = await profileOfDocument();
  const known = profiles as Map<string, ProviderProfile>;
  known.set(profile.provider, profile);
  t.after(() => known.delete(profile.provider));
  const world = new ProviderWorld(t);
  const server = await startNodeOauthServer(t, world);

  await world.do({
    action: 'register',
    credential: 'erp',
    provider: profile.provider,
    token_url: server.tokenUrl,
    client: { ...CLIENT, ...USER },
  });
  await world.live(60, async () => assert.equal(await server.accepts(await world.tokenOf('erp')), true));

  const { grant, clientAuth, quota, pair, generation } = await world.record('erp');
  assert.deepEqual([grant, clientAuth], ['password', 'basic']);
  assert.deepEqual(quota, { key: 'example-erp', limit: 60, windowMs: 60_000 });
  assert.ok(generation >= 20);
  const lifeMs = (pair?.refreshTokenExpiresAtMs ?? 0) - (pair?.refreshTokenSinceMs ?? 0);
  assert.equal(lifeMs, 24 * 3_600_000);
});

test('the table of the document says what the profiles say', () => {
  const all = [...profiles.values()];
  const quoted = (texts: readonly string[]) => texts.map((text) => `\`${text}\``);
  assert.deepEqual(row('| |'), quoted(all.map(({ provider }) => provider)));
  assert.deepEqual(
    row('| grants, the first by default |'),
    all.map(({ grants }) => quoted(grants).join(', ')),
  );
  assert.deepEqual(
    row('| client authentication by default |'),
    quoted(all.map(({ clientAuth }) => clientAuth)),
  );
});

/** The cells of the first row that begins so. */
function row(start: string): string[] {
  const line = DOCUMENT.split('\n').find((text) => text.startsWith(start)) ?? '';
  const cells = line.slice(start.length).split('|');
  return cells.slice(0, -1).map((cell) => cell.trim());
}

async function profileOfDocument(): Promise<ProviderProfile> {
  const code = /```ts\n(.*?)```/s.exec(DOCUMENT)?.[1] ?? '';
  const javaScript = stripTypeScriptTypes(code);
  const module = await import(`data:text/javascript,${encodeURIComponent(javaScript)}`);
  return module.exampleErp;
}
