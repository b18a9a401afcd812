// The example of docs/providers.md, taken from there and run.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import type { KnownProvider } from '../../shared/provider/profile.ts';
import { profiles } from '../../shared/provider/profiles.ts';
import { CLIENT, startNodeOauthServer, USER } from './node-oauth-server.ts';
import { ProviderWorld } from './provider-world.ts';

const DOCUMENT = readFileSync(new URL('../../docs/providers.md', import.meta.url), 'utf8');

test('a provider is data: the profile of the document is registered, and lives by its numbers', async (t) => {
  const profile = await profileOfDocument();
  const known = profiles as Map<string, KnownProvider>;
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

async function profileOfDocument(): Promise<KnownProvider> {
  const code = /```ts\n(.*?)```/s.exec(DOCUMENT)?.[1] ?? '';
  const javaScript = stripTypeScriptTypes(code);
  const module = await import(`data:text/javascript,${encodeURIComponent(javaScript)}`);
  return module.exampleErp;
}
