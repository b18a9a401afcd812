import { fileURLToPath } from 'node:url';
import { Logger } from '@aws-lambda-powertools/logger';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import type { Invocation } from '../shared/refresh/context.ts';
import { type AnswerContext, answerMessage } from '../shared/refresh/operator/answer-message.ts';
import { tick } from '../shared/refresh/tick/tick.ts';
import { ActionMessage } from '../shared/refresh-service/messages.ts';
import { shardOf } from '../shared/refresh-service/tick-message.ts';
import { isRefreshProcess, readEnvironment } from './environment.ts';
import { flushMetrics } from './middleware/flush-metrics.ts';
import { guardReadersAlias } from './middleware/guard-readers-alias.ts';
import { powertoolsLog } from './powertools-log.ts';
import { type GatheringTelemetry, powertoolsTelemetry } from './powertools-telemetry.ts';
import { ForkedRefreshProcesses, serveRefreshes } from './refresh-processes.ts';
import { refreshContext } from './wiring.ts';

const logger = new Logger({ serviceName: 'renova-refresh' });
let container: Container | undefined;

interface Container {
  readonly context: AnswerContext;
  readonly telemetry: GatheringTelemetry;
}

/**
 * The only function that calls providers. The schedule's event (any without `action`) is a tick; the read
 * and admin functions ask for what only it may do, the read function through an alias that takes refreshes only.
 */
async function refresh(event: unknown, lambda: Context): Promise<unknown> {
  container ??= newContainer();
  return answer(container.context, { remainingMs: () => lambda.getRemainingTimeInMillis() }, event);
}

function newContainer(): Container {
  const environment = readEnvironment();
  const telemetry = powertoolsTelemetry(environment.env);
  const context = refreshContext(environment, powertoolsLog(logger), telemetry);
  const { timing, unstored } = context;
  // At a scale a tick is over before a process has started.
  if (timing.scale > 1) return { context, telemetry };
  const module = fileURLToPath(import.meta.url);
  const processes = new ForkedRefreshProcesses(module, timing.leaseMs, unstored);
  return { context: { ...context, processes }, telemetry };
}

async function answer(context: AnswerContext, invocation: Invocation, event: unknown): Promise<unknown> {
  if (!isAction(event)) {
    const report = await tick(context, invocation, shardOf(event));
    logger.info('tick', { ...report });
    return report;
  }
  const message = v.safeParse(ActionMessage, event);
  // The issues would hold the message, and with it a token (I7).
  if (!message.success) throw new MessageError('The message is not one of those in messages.ts.');
  return answerMessage(context, invocation, message.output);
}

/** Another function of the stack sent something that this one does not understand: versions differ. */
class MessageError extends Error {
  readonly code = 'invalid-message';
  override readonly name = 'MessageError';
}

function isAction(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'action' in event;
}

export const handler = middy(refresh)
  .use(guardReadersAlias(logger))
  .use(flushMetrics(() => container?.telemetry));

// The same file is what its container starts where a refresh may end its process.
if (isRefreshProcess()) {
  const { context, telemetry } = newContainer();
  serveRefreshes(context, () => telemetry.flush());
}
