import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Secret } from '../../shared/secret/secret.ts';
import type { SecretStore } from '../../shared/secret-store/secret-store.ts';

/** A name that no other test uses. */
export const newName = () => `renova/hml/${randomUUID()}/token/0`;
/** An obvious fake secret. */
export const fake = (text: string) => new Secret(`fake-secret-${text}`);

/** Creates a secret with the value `fake-secret-first`; resolves with its name. */
export async function create(store: SecretStore): Promise<string> {
  const name = newName();
  assert.equal(await store.create(name, fake('first')), true);
  return name;
}

/** The value in clear, or undefined. */
export async function read(
  store: SecretStore,
  name: string,
  versionId?: string,
): Promise<string | undefined> {
  return (await store.get(name, versionId))?.value.reveal();
}
