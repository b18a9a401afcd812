import type { TestContext } from 'node:test';
import { bootstrap } from '../../../local/aws/bootstrap.ts';
import { startAws } from '../../../local/aws/local-aws.ts';
import { functionDefinitions } from '../../../local/lambda/functions.ts';
import { createLambdaRuntime } from '../../../local/lambda/lambda-runtime.ts';
import { systemClock } from '../../../shared/clock/system-clock.ts';
import { type EnvironmentName, names } from '../../../shared/config/names.ts';
import { runRuntime } from '../../local/lambda/running-runtime.ts';

/** The refresh function of the local stack, its module as it is deployed, over stores of its own. */
export async function startRefreshRuntime(t: TestContext, env: EnvironmentName, logLevel: 'DEBUG' | 'INFO') {
  const opened = new AsyncDisposableStack();
  t.after(() => opened.disposeAsync());
  const lambda = createLambdaRuntime({ clock: systemClock, output: process.stderr });
  const ignore = () => undefined;
  const parts = { clock: systemClock, lambda, onEvent: ignore, onDefect: ignore };
  const { server } = await startAws({ scale: 1, port: 0 }, parts, opened);
  await bootstrap(server.url, env);
  const setting = { env, scale: 1, awsUrl: server.url, logLevel, inherited: {} } as const;
  const functions = functionDefinitions(setting).filter(({ name }) => name === names(env).refreshFunction);
  const { runtime, printed, output } = runRuntime(t, { functions });
  return { runtime, output, awsUrl: server.url, text: () => printed.join('') };
}
