import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { localClientOptions } from '../../../local/aws/bootstrap.ts';
import { METRICS, type MetricName } from '../../../shared/config/metrics.ts';
import { names, secretNames } from '../../../shared/config/names.ts';
import type { CredentialSettings } from '../../../shared/credential/settings.ts';
import { httpAnswer, startServer } from '../token-endpoint/loopback-server.ts';
import { startRefreshRuntime } from './refresh-runtime.ts';

const ENV = 'hml';
const { refreshFunction, secretPrefix } = names(ENV);
const NEW_PAIR = {
  access_token: 'fake-sentinel-access',
  refresh_token: 'fake-sentinel-new',
  expires_in: 420,
};

/** A line of CloudWatch's embedded metric format. */
interface Emf extends Record<string, unknown> {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
}

/** The refresh function, and all that it prints. */
async function startRefreshFunction(t: TestContext) {
  const { runtime, output, text, awsUrl } = await startRefreshRuntime(t, ENV, 'DEBUG');
  await storeClient(awsUrl);
  return {
    text,
    async invoke(event: object): Promise<unknown> {
      const { payload, failed } = await runtime.invoke(refreshFunction, JSON.stringify(event));
      assert.ok(!failed, payload);
      return JSON.parse(payload);
    },
    /** What was printed in the embedded metric format, once `last` is among it. */
    async figures(last: MetricName): Promise<Emf[]> {
      while (!text().includes(`"${last}":`)) await once(output, 'printed');
      return text()
        .split('\n')
        .filter((line) => line.startsWith('{"_aws"'))
        .map((line) => JSON.parse(line));
    },
  };
}

async function storeClient(awsUrl: string): Promise<void> {
  const client = new SecretsManagerClient(localClientOptions(awsUrl));
  const value = { client_id: 'fake-sentinel-id', client_secret: 'fake-sentinel-secret' };
  const Name = secretNames(secretPrefix).client('acme');
  await client.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(value) }));
  client.destroy();
}

function seedOf(tokenUrl: string) {
  const settings: CredentialSettings = {
    credential: 'acme',
    provider: 'bs2',
    tokenUrl,
    grant: 'refresh_token',
    clientAuth: 'post',
    mode: 'fresh',
    publish: 'none',
    quota: { key: 'bs2', limit: 10, windowMs: 60_000 },
    defaultAccessTokenMs: 420_000,
    refreshTokenMs: 48 * 3_600_000,
    extra: {},
  };
  return { action: 'seed', settings, chain: 'chain-1', lanes: 1, refresh_token: 'fake-sentinel-seed' };
}

const definitionOf = ({ _aws }: Emf) => {
  const [definition, ...others] = _aws.CloudWatchMetrics;
  assert.deepEqual(others, []);
  assert.ok(definition);
  return definition;
};
const namesOf = (line: Emf) => definitionOf(line).Metrics.map(({ Name }) => Name);

describe('what the refresh function reports', () => {
  it('is nothing of an invocation without figures, and no warning about it', async (t) => {
    const { invoke, figures, text } = await startRefreshFunction(t);
    assert.deepEqual(await invoke({ action: 'recover', credential: 'nobody' }), {
      credential: 'nobody',
      result: 'unknown-credential',
    });
    await invoke({});
    for (const line of await figures('Ticks')) assert.ok(!namesOf(line).includes('Adoptions'));
    assert.doesNotMatch(text(), /No application metrics|warn/i);
  });

  it('are the metrics of a token request and of a tick, as CloudWatch reads them, without a secret', async (t) => {
    const provider = await startServer(t, {
      onRequest: (socket) => socket.end(httpAnswer(200, JSON.stringify(NEW_PAIR))),
    });
    const { invoke, figures, text } = await startRefreshFunction(t);
    await invoke(seedOf(provider.tokenUrl));
    const { result } = (await invoke({ action: 'refresh', credential: 'acme', force: true })) as {
      result: string;
    };
    assert.equal(result, 'refreshed');
    await invoke({});
    await figures('Ticks');
    await invoke({});
    const lines = await figures('SecondsSinceLastTick');

    const value = (name: MetricName) => lines.map((line) => line[name]).find((found) => found !== undefined);
    assert.equal(value('RefreshesSucceeded'), 1);
    assert.ok(Number(value('ProviderLatency')) > 0);
    assert.deepEqual([value('ActiveCredentials'), value('LapsedCredentials')], [1, 0]);
    assert.ok(Number(value('HoursToLapse')) > 47);
    assert.equal(value('QuotaUsed'), 10);
    assert.ok(Number(value('QuotaDemanded')) > 0);
    for (const line of lines) assertWellFormed(line);
    for (const line of lines) assert.doesNotMatch(JSON.stringify(line), /acme/);
    assert.doesNotMatch(text(), /sentinel/);
  });
});

/** Namespace, dimensions, names and units are those of the list. */
function assertWellFormed(line: Emf): void {
  const { Namespace, Dimensions, Metrics } = definitionOf(line);
  assert.equal(Namespace, 'Renova');
  const isOfQuota = Metrics.some(({ Name }) => METRICS[Name as MetricName].kind === 'quota');
  assert.deepEqual(Dimensions, [['service', 'environment', ...(isOfQuota ? ['quota'] : [])]]);
  assert.deepEqual([line.service, line.environment], ['renova-refresh', ENV]);
  assert.equal(line.quota, isOfQuota ? 'bs2' : undefined);
  for (const { Name, Unit } of Metrics) {
    assert.equal(Unit, METRICS[Name as MetricName]?.unit, Name);
    assert.equal(METRICS[Name as MetricName].kind === 'quota', isOfQuota, Name);
    assert.ok(
      [line[Name]].flat().every((one) => Number.isFinite(one)),
      Name,
    );
  }
}
