import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { consoleListener } from '../cli/console/console-answers.ts';
import type { Clock } from '../shared/clock/clock.ts';
import { systemClock } from '../shared/clock/system-clock.ts';
import { localOptions } from '../shared/config/local-target.ts';
import { names, secretNames } from '../shared/config/names.ts';
import { timing } from '../shared/config/timing.ts';
import { bootstrap, localClientOptions } from './aws/bootstrap.ts';
import type { BusEvent } from './aws/event-bus.ts';
import { startAws } from './aws/local-aws.ts';
import { startScheduler } from './aws/scheduler.ts';
import { DiskFailedError } from './data/disk-room.ts';
import { isSandboxLost, type LostPart } from './data/lost-part.ts';
import { demoUserAgent, registerDemo } from './demo.ts';
import { type RunningServer, serve } from './http/http-server.ts';
import { readApi } from './http/read-api.ts';
import { openFunctionLog } from './lambda/function-log.ts';
import { functionDefinitions } from './lambda/functions.ts';
import { createLambdaRuntime, type LambdaRuntime } from './lambda/lambda-runtime.ts';
import type { StackOptions } from './options.ts';
import { startProvider } from './sandboxes/serve-sandboxes.ts';
import type { StackReport } from './stack-report.ts';
import { type Overview, takeOverview } from './terminal/overview.ts';

/** A running local stack. */
export interface Stack {
  /** Addresses (`http://127.0.0.1:…`) of what runs. */
  readonly awsUrl?: string;
  readonly apiUrl?: string;
  readonly providerUrl?: string;
  /** Everything at a glance; undefined with the provider alone. */
  readonly overview?: () => Promise<Overview>;
  /** Resolves when the stack cannot go on and should be stopped; the error is one sentence for its owner. */
  readonly failed: Promise<Error>;
  /** Ends everything: no tick begins any more, runs under way get a few seconds. Safe to call twice. */
  stop(): Promise<void>;
}

export interface StackParts {
  readonly clock?: Clock;
  /** Told what happens, for a watcher; nothing in it is secret. */
  readonly report?: (report: StackReport) => void;
  /** This process's environment: `RENOVA_LOG_LEVEL`, and what functions inherit. */
  readonly variables?: NodeJS.ProcessEnv;
}

/** Long enough for an attempt that has posted its token to keep the answer. */
const DRAIN_MS = 5000;

/**
 * Starts what `options` ask for and resolves when it is ready, the demo included. Rejects with
 * `PortInUseError`, `DataInUseError`, `DataFolderError` or `JournalCorruptError`, and leaves nothing open then.
 */
export async function startStack(options: StackOptions, parts: StackParts = {}): Promise<Stack> {
  const { clock = systemClock, report = () => undefined, variables = process.env } = parts;
  await using opened = new AsyncDisposableStack();
  const failure = Promise.withResolvers<Error>();
  const { data, parts: asked } = options;
  if (data !== undefined && asked !== 'no-provider' && isSandboxLost(data)) {
    report({ type: 'data-lost', part: 'provider' });
  }
  const provider =
    options.parts === 'no-provider'
      ? undefined
      : await startProvider(options, clock, opened, (event) => report({ type: 'provider', event }));
  const renova =
    options.parts === 'provider-only'
      ? undefined
      : await startRenova(
          options,
          { clock, report, variables, sandboxUrl: sandboxUrl(options, provider), fail: failure.resolve },
          opened,
        );
  if (options.demo && provider && renova) {
    const { invokeAdmin } = renova;
    const demo = { providerUrl: provider.url, userAgent: demoUserAgent(options), invokeAdmin };
    report({ type: 'demo', outcome: await registerDemo(demo) });
  }
  const running = opened.move();
  return {
    awsUrl: renova?.awsUrl,
    apiUrl: renova?.apiUrl,
    providerUrl: provider?.url,
    overview: renova?.overview,
    failed: failure.promise,
    stop: () => running.disposeAsync(),
  };
}

/** Where the sandbox is, or would be: one that runs beside this stack has the same port. */
function sandboxUrl({ providerPort }: StackOptions, provider: RunningServer | undefined): string {
  return provider?.url ?? `http://127.0.0.1:${providerPort}`;
}

async function startRenova(
  options: StackOptions,
  {
    clock,
    report,
    variables,
    sandboxUrl,
    fail,
  }: Required<StackParts> & { readonly sandboxUrl: string; fail(error: Error): void },
  opened: AsyncDisposableStack,
) {
  const { env, scale } = options;
  const { refreshFunction, readFunction, adminFunction, quotaTable, secretPrefix } = names(env);
  const log = openFunctionLog(options.data, variables, opened);
  const lambda = createLambdaRuntime({
    clock,
    output: log.output,
    onFailure: (name, errorType) => report({ type: 'function-failed', name, errorType }),
  });
  const onEvent = (event: BusEvent) => report({ type: 'event', event });
  const onDefect = (code: string) => report({ type: 'defect', code });
  const onDiskFailure = () => fail(new DiskFailedError(options.data ?? ''));
  const onDataLost = (part: LostPart) => report({ type: 'data-lost', part });
  const parts = { clock, lambda, onEvent, onDefect, onDiskFailure, onDataLost };
  const aws = await startAws(options, parts, opened);
  const awsUrl = aws.server.url;
  await bootstrap(awsUrl, env);
  opened.defer(async () => {
    await lambda.idle(DRAIN_MS);
    await lambda.stop();
  });
  const { allowRemoteProvider } = options;
  const setting = { env, scale, awsUrl, sandboxUrl, allowRemoteProvider, logLevel: log.level };
  lambda.deploy(functionDefinitions({ ...setting, inherited: variables }));

  const api = readApi({
    invokeRead: (event) => lambda.invoke(readFunction, event),
    health: () => ({ env, scale }),
    events: () => aws.eventBus.latest(),
    console: localConsole({ clock, env, awsUrl, lambda, events: () => aws.eventBus.latest() }),
    nowMs: () => clock.nowMs(),
    allowHosts: options.allowHosts,
  });
  const apiServer = await serve(api, options.apiPort, '--api-port');
  opened.defer(() => apiServer.close());

  const tick = async (event: object) => {
    // Before a token is spent: what comes back must find room.
    if (aws.isDiskShort()) return onDiskFailure();
    const { failed, payload } = await lambda.invoke(refreshFunction, JSON.stringify(event));
    if (!failed) report({ type: 'tick', atMs: clock.nowMs(), answer: JSON.parse(payload) });
  };
  const scheduler = startScheduler({ clock, tickMs: timing(scale).tickMs, tick });
  opened.defer(() => scheduler.stop());

  const dynamoDb = new DynamoDBClient(localClientOptions(awsUrl));
  opened.defer(() => dynamoDb.destroy());
  const invokeAdmin = (event: string) => lambda.invoke(adminFunction, event);
  const overviewParts = {
    quotaTable,
    secretNames: secretNames(secretPrefix),
    dynamoDb,
    invokeAdmin,
    versionsPerName: () => aws.secretsManager.stats().versionsPerName,
    nowMs: () => clock.nowMs(),
  };
  return { awsUrl, apiUrl: apiServer.url, invokeAdmin, overview: () => takeOverview(overviewParts) };
}

/** The console of this stack: everybody on this machine may open it, as they may use everything else here. */
function localConsole({
  clock,
  env,
  awsUrl,
  lambda,
  events,
}: {
  readonly clock: Clock;
  readonly env: StackOptions['env'];
  readonly awsUrl: string;
  readonly lambda: Pick<LambdaRuntime, 'invoke'>;
  events(): readonly BusEvent[];
}) {
  const { adminFunction } = names(env);
  return consoleListener({
    target: { env, localEndpoint: awsUrl, options: localOptions(env, Number(new URL(awsUrl).port)) },
    invoke: async (_, request) => {
      const { payload } = await lambda.invoke(adminFunction, JSON.stringify({ ...request, by: 'console' }));
      return JSON.parse(payload);
    },
    nowMs: () => clock.nowMs(),
    token: randomBytes(24).toString('base64url'),
    isTokenInPage: true,
    againAfterMs: CONSOLE_LOOKS_MS,
    events,
  });
}

const CONSOLE_LOOKS_MS = 1500;
