import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it, mock } from 'node:test';
import { readEnvironment } from '../../../functions/environment.ts';
import { adminContext, refreshContext } from '../../../functions/wiring.ts';
import { silentLog } from '../../../shared/log/log.ts';
import { Secret } from '../../../shared/secret/secret.ts';
import { VersionQuotaError } from '../../../shared/secret-store/secret-store.ts';
import { StoreUnavailableError } from '../../../shared/table/table.ts';
import { MemoryTelemetry } from '../../support/fakes/memory-telemetry.ts';

const environment = readEnvironment({
  RENOVA_ENV: 'hml',
  RENOVA_CREDENTIALS_TABLE: 'renova-hml-credentials',
  RENOVA_QUOTA_TABLE: 'renova-hml-quota',
  RENOVA_SECRET_PREFIX: 'renova/hml',
  RENOVA_REFRESH_FUNCTION: 'renova-hml-refresh',
});
const value = new Secret('fake-value');
const throttled = (times: number) => Array.from({ length: times }, () => 'ThrottlingException');

/** Answers of the service still to come; after them it says yes. */
let refusals: string[] = [];
let received = 0;

describe('Secrets Manager refuses for a while', () => {
  const service = createServer((request, response) => {
    received += 1;
    request.resume();
    const refusal = refusals.shift();
    const answer = refusal === undefined ? {} : { __type: refusal };
    response.writeHead(refusal === undefined ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer));
  });
  const { env } = process;

  before(async () => {
    service.listen(0, '127.0.0.1');
    await once(service, 'listening');
    process.env = {
      ...env,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
      AWS_REGION: 'sa-east-1',
      AWS_ACCESS_KEY_ID: 'fake-id',
      AWS_SECRET_ACCESS_KEY: 'fake-key',
    };
    // The pauses of the SDK are a random part of up to half a minute: here none of it.
    mock.method(Math, 'random', () => 0);
  });
  beforeEach(() => {
    refusals = [];
    received = 0;
  });
  after(() => {
    mock.restoreAll();
    process.env = env;
    service.closeAllConnections();
    service.close();
  });

  describe('an operator who registers many credentials at once', () => {
    it('waits while AWS creates no more secrets, instead of being turned away', async () => {
      refusals = throttled(5);
      assert.equal(await adminContext(environment).secretStore.create('renova/hml/acme/client', value), true);
      assert.equal(received, 6);
    });

    it('is told in the end', async () => {
      refusals = throttled(100);
      const create = adminContext(environment).secretStore.create('renova/hml/acme/client', value);
      await assert.rejects(create, StoreUnavailableError);
      assert.equal(received, 6);
    });
  });

  describe('the refresh function', () => {
    it('does not wait as long: its lease runs', async () => {
      refusals = throttled(100);
      await assert.rejects(rings().store.get('renova/hml/seal/access'), StoreUnavailableError);
      assert.equal(received, 3);
    });

    it('asks a secret with too many versions once, because the lane before has room', async () => {
      refusals = ['LimitExceededException', 'LimitExceededException'];
      await assert.rejects(rings().store.put('renova/hml/acme/token/0', value), VersionQuotaError);
      assert.equal(received, 1);
    });

    function rings() {
      return refreshContext(environment, silentLog, new MemoryTelemetry()).sealRings;
    }
  });
});
