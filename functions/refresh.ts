import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import type { Run } from '../shared/refresh/context.ts';
import { type TickReport, tick } from '../shared/refresh/tick.ts';
import { type AnswerContext, answerMessage } from '../shared/refresh-service/answer-message.ts';
import { ActionMessage } from '../shared/refresh-service/messages.ts';
import { readEnvironment } from './environment.ts';
import { powertoolsLog } from './powertools-log.ts';
import { refreshContext } from './wiring.ts';

const logger = new Logger({ serviceName: 'renova-refresh' });
const metrics = new Metrics({ namespace: 'Renova', serviceName: 'renova-refresh' });
let context: AnswerContext | undefined;

/**
 * The only function that calls providers. The schedule's event (any without `action`) is a tick; the read
 * and admin functions ask for what only it may do.
 */
async function refresh(event: unknown, lambda: Context): Promise<unknown> {
  context ??= refreshContext(readEnvironment(), powertoolsLog(logger));
  const run: Run = { remainingMs: () => lambda.getRemainingTimeInMillis() };
  if (!isAction(event)) return report(await tick(context, run));
  const message = v.safeParse(ActionMessage, event);
  // The issues would hold the message, and with it a token (I7).
  if (!message.success) throw new MessageError('The message is not one of those in messages.ts.');
  return answerMessage(context, run, message.output);
}

/** Another function of the stack sent something that this one does not understand: versions differ. */
class MessageError extends Error {
  readonly code = 'invalid-message';
  override readonly name = 'MessageError';
}

function isAction(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'action' in event;
}

function report(done: TickReport): TickReport {
  logger.info('tick', { ...done });
  metrics.addMetric('Due', MetricUnit.Count, done.due);
  metrics.addMetric('Left', MetricUnit.Count, done.left);
  for (const [result, count] of Object.entries(done.results)) {
    metrics.addMetric(`Tick_${result}`, MetricUnit.Count, count);
  }
  return done;
}

export const handler = middy(refresh).use(logMetrics(metrics));
