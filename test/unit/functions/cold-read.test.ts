import assert from 'node:assert/strict';
import { it } from 'node:test';
import { marshall } from '@aws-sdk/util-dynamodb';
import { readEnvironment } from '../../../functions/environment.ts';
import { readContext } from '../../../functions/read-context.ts';
import { serveRead } from '../../../functions/serve-read.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { secretNames } from '../../../shared/config/names.ts';
import { JweSealer } from '../../../shared/sealing/jwe-sealer.ts';
import { newKeyRing } from '../../../shared/sealing/key-ring.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { aPair, aRecord } from '../../support/records.ts';
import { startService } from '../aws-service/scripted-service.ts';

it('a cold container answers its first read with one call to each store, and the next ones with one to the ledger', async (t) => {
  const names = secretNames('renova/prd');
  const ring = newKeyRing('key-1');
  const rings = { access: names.accessRing, refresh: names.refreshRing };
  const sealer = new JweSealer({ get: async () => ({ value: ring, versionId: 'v' }) }, rings, systemClock);
  const nowMs = Date.now();
  const {
    sealedAccess: _,
    sealedRefresh: __,
    ...bare
  } = aPair({
    issuedAtMs: nowMs,
    expiresAtMs: nowMs + 300_000,
    refreshAfterMs: nowMs + 150_000,
  });
  const pair = await sealer.sealPair('acme', bare, { accessToken: new Secret('fake-access') });
  const Item = marshall(aRecord({ pair }), { removeUndefinedValues: true });
  const service = await startService(t, ({ headers }, response, body) => {
    const isItem = String(headers['x-amz-target']).endsWith('.GetItem');
    const asked = JSON.parse(body);
    if (isItem) assert.equal(asked.ConsistentRead, true);
    else assert.equal(asked.SecretId, names.accessRing);
    const answer = isItem ? { Item } : { SecretString: ring.reveal(), VersionId: 'v' };
    response.writeHead(200).end(JSON.stringify(answer));
  });
  const environment = {
    RENOVA_ENV: 'prd',
    RENOVA_CREDENTIALS_TABLE: 'credentials',
    RENOVA_QUOTA_TABLE: 'quota',
    RENOVA_SECRET_PREFIX: 'renova/prd',
    RENOVA_REFRESH_FUNCTION: 'refresh',
    AWS_ENDPOINT_URL: service.endpoint,
    AWS_REGION: 'sa-east-1',
    AWS_ACCESS_KEY_ID: 'fake-id',
    AWS_SECRET_ACCESS_KEY: 'fake-key',
  };
  const before = { ...process.env };
  Object.assign(process.env, environment);
  t.after(() => {
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  });
  const serve = serveRead(readContext(readEnvironment()));
  const read = async () => ((await serve({ credential: 'acme' })) as { access_token: string }).access_token;
  assert.equal(await read(), 'fake-access');
  assert.deepEqual([...service.targets].sort(), [
    'DynamoDB_20120810.GetItem',
    'secretsmanager.GetSecretValue',
  ]);
  assert.equal(await read(), 'fake-access');
  assert.equal(service.targets.length, 3);
});
