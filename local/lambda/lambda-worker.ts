import { parentPort, workerData } from 'node:worker_threads';
import {
  failurePayload,
  type InvokeMessage,
  type ResultMessage,
  type WorkerSetup,
} from './lambda-messages.ts';

/**
 * The inside of a function's worker, started by lambda-runtime.ts: loads the handler once, as a container
 * does at its cold start, and runs it for each message. Unlike a container it runs several at a time.
 */
type Handler = (event: unknown, context: unknown) => unknown;

const setup = workerData as WorkerSetup;
const handler = loadHandler();
// Awaited by every run; a failed import is then the answer, not an unhandled rejection.
handler.catch(() => undefined);

parentPort?.on('message', async (message: InvokeMessage) => {
  parentPort?.postMessage(await run(message));
});

async function run({ requestId, payload, invokedFunctionArn }: InvokeMessage): Promise<ResultMessage> {
  const context = lambdaContext(requestId, invokedFunctionArn);
  try {
    const result = await (await handler)(JSON.parse(payload), context);
    return { requestId, payload: JSON.stringify(result) ?? 'null', failed: false };
  } catch (error) {
    const [type, text] = error instanceof Error ? [error.name, error.message] : ['Error', String(error)];
    return { requestId, payload: failurePayload(type, text), failed: true };
  }
}

async function loadHandler(): Promise<Handler> {
  const loaded: unknown = await import(setup.module);
  if (typeof loaded === 'object' && loaded && 'handler' in loaded && typeof loaded.handler === 'function') {
    return loaded.handler as Handler;
  }
  throw Object.assign(new Error('The module exports no function "handler".'), {
    name: 'Runtime.HandlerNotFound',
  });
}

/** The context object of Lambda's Node.js runtime. */
function lambdaContext(awsRequestId: string, invokedFunctionArn: string) {
  const endsAtMs = performance.now() + setup.timeoutMs;
  const { functionName } = setup;
  return {
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn,
    memoryLimitInMB: String(setup.memoryMb),
    awsRequestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - performance.now()),
  };
}
