import type { RequestListener } from 'node:http';
import type { TestContext } from 'node:test';
import { readEnvironment } from '../../functions/environment.ts';
import { refreshContext } from '../../functions/wiring.ts';
import { bootstrap } from '../../local/aws/bootstrap.ts';
import { startAws } from '../../local/aws/local-aws.ts';
import { serve } from '../../local/http/http-server.ts';
import { functionDefinitions } from '../../local/lambda/functions.ts';
import { createLambdaRuntime } from '../../local/lambda/lambda-runtime.ts';
import { createBs2Provider } from '../../local/sandboxes/bs2/bs2-provider.ts';
import type { ProviderSandbox } from '../../local/sandboxes/provider/provider.ts';
import { systemClock } from '../../shared/clock/system-clock.ts';
import { names, secretNames } from '../../shared/config/names.ts';
import type { CredentialRecord } from '../../shared/credential/credential.ts';
import { silentLog } from '../../shared/log/log.ts';
import type { AnswerContext } from '../../shared/refresh/operator/answer-message.ts';
import { seedChain } from '../../shared/refresh/operator/seed-chain.ts';
import { Secret } from '../../shared/secret/secret.ts';
import { silentTelemetry } from '../../shared/telemetry/telemetry.ts';
import { laneAt } from '../../shared/vault/lanes.ts';
import { renderClient } from '../../shared/vault/stored-client.ts';

const ENV = 'prd';
const LANES = 12;

/** A provider of its own: whatever it issues is issued to one chain. */
export interface OwnProvider extends ProviderSandbox {
  readonly url: string;
  /** Lets the listener be asked through something else. */
  readonly tokenUrl: string;
}

export interface LocalWorld {
  readonly awsUrl: string;
  /** The refresh function's environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** A container of the refresh function in this process, on the real adapters, straight at the stores. */
  readonly medic: AnswerContext;
  startProvider(): Promise<OwnProvider>;
  /** Registers a credential with a refresh token of this provider; its first refresh is due. */
  register(credential: string, provider: OwnProvider): Promise<void>;
  record(credential: string): Promise<CredentialRecord>;
}

/** The AWS endpoint of the local stack in this process at this scale, without functions and without a schedule. */
export async function startLocalWorld(t: Pick<TestContext, 'after'>, scale: number): Promise<LocalWorld> {
  const opened = new AsyncDisposableStack();
  t.after(() => opened.disposeAsync());
  const lambda = createLambdaRuntime({
    clock: systemClock,
    output: process.stderr,
    onFailure: () => undefined,
  });
  const ignored = () => undefined;
  const parts = { clock: systemClock, lambda, onEvent: ignored, onDefect: ignored };
  const { server } = await startAws({ scale, port: 0 }, parts, opened);
  await bootstrap(server.url, ENV);
  const medic = await wiredAt(server.url, scale);
  const listen = async (listener: RequestListener) => {
    const running = await serve(listener, 0, '--provider-port');
    opened.defer(() => running.close());
    return running.url;
  };
  return {
    awsUrl: server.url,
    environment: environmentAt(server.url, scale),
    medic,
    async startProvider() {
      const sandbox = createBs2Provider({ clock: systemClock, env: ENV, scale });
      const url = await listen(sandbox.listener);
      return { ...sandbox, url, tokenUrl: `${url}/auth/oauth/v2/token` };
    },
    register: (credential, provider) => register(medic, credential, provider),
    async record(credential) {
      const record = await medic.ledger.load(credential);
      if (!record) throw new Error(`no record of ${credential}`);
      return record;
    },
  };
}

/**
 * A context of the refresh function as the function itself builds it. The SDK reads its endpoint from the
 * environment when a client is first used, so all of them are used once.
 */
export async function wiredAt(awsUrl: string, scale: number): Promise<AnswerContext> {
  Object.assign(process.env, environmentAt(awsUrl, scale));
  const context = refreshContext(readEnvironment(), silentLog, silentTelemetry);
  await context.sealer.ready();
  await context.ledger.load('nobody');
  await context.timestamps.touch('inventory');
  await context.quota.occupied({ key: 'nobody', limit: 1, windowMs: 1 });
  return context;
}

function environmentAt(awsUrl: string, scale: number): Readonly<Record<string, string>> {
  const setting = { env: ENV, scale, awsUrl, logLevel: 'SILENT', inherited: process.env } as const;
  const { refreshFunction } = names(ENV);
  const definition = functionDefinitions(setting).find(({ name }) => name === refreshFunction);
  if (!definition) throw new Error('no refresh function');
  return definition.environment;
}

async function register(context: AnswerContext, credential: string, provider: OwnProvider): Promise<void> {
  const client = { client_id: `fake-client-${credential}`, client_secret: 'fake-client-secret' };
  const scope = 'charges.read';
  const answer = await fetch(`${provider.url}/_sandbox/refresh-tokens`, {
    method: 'POST',
    body: JSON.stringify({ ...client, scope }),
  });
  const { refresh_token } = (await answer.json()) as { refresh_token: string };
  const chain = `chain-of-${credential}`;
  const { timing, clock, sealRings } = context;
  const secrets = secretNames(names(ENV).secretPrefix);
  await sealRings.store.create(secrets.client(credential), renderClient(client));
  // Only the lanes that this test can come to: so many creations at once would be throttled.
  const lane = laneAt(clock.nowMs(), LANES, timing.dayMs);
  for (const near of [lane, (lane + 1) % LANES]) {
    await sealRings.store.create(secrets.lane(credential, near), new Secret('{}'));
  }
  await seedChain(context, {
    settings: {
      credential,
      provider: 'bs2',
      tokenUrl: provider.tokenUrl,
      scope,
      grant: 'refresh_token',
      clientAuth: 'post',
      mode: 'fresh',
      publish: 'access',
      quota: { key: `quota-of-${credential}`, limit: 10, windowMs: 60_000 / timing.scale },
      defaultAccessTokenMs: 300_000 / timing.scale,
      refreshTokenMs: timing.dayMs * 2,
      extra: {},
    },
    chain,
    lanes: LANES,
    refreshToken: new Secret(refresh_token),
  });
}
