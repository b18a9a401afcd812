import assert from 'node:assert/strict';
import { commandAfter } from './person.ts';
import type { Shop } from './shop.ts';

/** No client secret of anybody. */
export const WRONG_SECRET = 'fake-sentinel-wrong-secret';
/** Leads to the command for another token URL. */
export const OTHER_URL = /^If its token URL is wrong: /;

/** Pauses it, sees what becomes of it, and lets it go on. */
export async function pauseAndResume(shop: Shop): Promise<void> {
  await shop.register();
  await shop.person.renova(['pause', shop.id]);
  const page = await shop.status();
  assert.match(page, /^paused is paused, nobody refreshes it/);
  await shop.until('out of date', ({ expires_at }) => Date.parse(expires_at ?? '') < Date.now());
  const { stderr } = await shop.person.renova(['token', shop.id], { exitCode: 1 });
  await shop.person.copied(commandAfter(/go on with: /, stderr));
  await shop.until('refreshed', ({ expires_at }) => Date.parse(expires_at ?? '') > Date.now());
  await shop.assertHealthy();
}

/** Registers with a client secret that the provider does not know. */
export async function registerWrongly(shop: Shop): Promise<void> {
  const secrets = {
    client: { ...shop.client, client_secret: WRONG_SECRET },
    refresh_token: await shop.newRefreshToken(),
  };
  const line = ['register', shop.id, '--scope', shop.scope, '--token-url', shop.tokenUrl, '--secrets', '-'];
  const { stdout, stderr } = await shop.person.renova(line, { stdin: JSON.stringify(secrets), exitCode: 1 });
  assert.match(
    stdout,
    /^✗ first refresh: the provider refused the client id, the client secret or another setting \(invalid_client\);/m,
  );
  const { stdout: page } = await shop.person.copied(commandAfter(/^See: /, stderr));
  await shop.follow(page, { client: shop.client });
  await shop.assertHealthy();
}

/** Registers while nobody listens at the token URL. */
export async function registerTooEarly(shop: Shop): Promise<void> {
  const line = ['register', shop.id, '--scope', shop.scope, '--token-url', 'http://127.0.0.1:1/token'];
  const secrets = { client: shop.client, refresh_token: await shop.newRefreshToken() };
  const { stdout, stderr } = await shop.person.renova([...line, '--secrets', '-'], {
    stdin: JSON.stringify(secrets),
    exitCode: 1,
  });
  assert.match(
    stdout,
    /^✗ first refresh: the provider could not be reached \(ECONNREFUSED\);.* If its token URL is wrong: npx renova update /m,
  );
  assert.match(stdout, /the refresh token is kept and Renova tries again\./m);
  const { stdout: page } = await shop.person.copied(commandAfter(/^See: /, stderr));
  // The provider is back: here, at its address.
  await shop.follow(page, undefined, { lead: OTHER_URL, blanks: { url: shop.tokenUrl } });
  await shop.assertHealthy();
}

/** Removes it, sees that it is gone, and registers it again. */
export async function removeAndRegister(shop: Shop): Promise<void> {
  await shop.register();
  await shop.person.renova(['remove', shop.id, '--yes']);
  const { stderr } = await shop.person.renova(['status', shop.id], { exitCode: 1 });
  const { stdout } = await shop.person.copied(commandAfter(/^See which there are: /, stderr));
  assert.doesNotMatch(stdout, /^removed /m);
  await shop.person.renova(['token', shop.id], { exitCode: 1 });
  const again = await shop.register();
  assert.match(again.stdout, /^removed is registered \(generation [2-9]\)/m);
  await shop.assertHealthy();
}
