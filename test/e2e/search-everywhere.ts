import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { RunningStack } from './running-stack.ts';
import { assertNowhere, tableDumps, tokenFingerprints, vaultValues } from './secret-search.ts';
import type { Shop } from './shop.ts';

/**
 * Stops the stack and looks for every secret of the shop, and for every token that the sandbox ever issued, in all
 * that was printed, logged, told and stored, the vault excepted. The log was to tell everything.
 */
export async function searchEverywhere(
  t: TestContext,
  stack: RunningStack,
  shop: Shop,
  data: string,
): Promise<void> {
  const tables = await tableDumps(stack.awsUrl, 'prd');
  const events = await (await fetch(`${stack.apiUrl}/events`)).text();
  const vault = (await vaultValues(stack.awsUrl)).join('\n');
  assert.equal(await stack.stop(), 0);
  const log = readFileSync(join(data, 'renova.log'), 'utf8');
  const places = {
    'what the stack printed': stack.printed(),
    'renova.log': log,
    'GET /events': events,
    'what the commands printed': shop.person.shown.join('\n'),
    ...tables,
  };
  const issued = new Set(fingerprintsIn(readFileSync(join(data, 'provider.jsonl'), 'utf8')));
  const published = [...vault.matchAll(/"(?:access|refresh)_token":"([^"]{8,})"/g)].map(
    ([, token = '']) => token,
  );
  const secrets = [shop.client.client_secret, ...shop.refreshTokens, ...published];

  // A search that could not find anything would prove nothing.
  assert.throws(() => assertNowhere(secrets, { vault }), /a secret is in vault/);
  const known = tokenFingerprints(vault).filter((fingerprint) => issued.has(fingerprint));
  assert.ok(known.length >= 10, `only ${known.length} tokens of the vault are recognised`);
  assert.match(log, /"level":"INFO".*"tick"/, 'DEBUG lets everything through');
  assert.match(log, /"_aws"/, 'metrics are in the log');
  assert.ok(events.includes('Credential Lapsed'));

  assertNowhere(secrets, places);
  for (const [place, content] of Object.entries(places)) {
    const found = tokenFingerprints(content).filter((fingerprint) => issued.has(fingerprint));
    assert.equal(found.length, 0, `${found.length} tokens of the provider are in ${place}`);
  }
  t.diagnostic(`${issued.size} tokens issued, ${secrets.length} secrets looked for`);
}

/** What the sandbox wrote down of every token that it issued: not the token, but enough to recognise it. */
function fingerprintsIn(journal: string): string[] {
  return [...journal.matchAll(/"fingerprint":"([^"]+)"/g)].map(([, fingerprint = '']) => fingerprint);
}
