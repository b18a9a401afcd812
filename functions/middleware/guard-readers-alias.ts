import type { Logger } from '@aws-lambda-powertools/logger';
import type { MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import { errorFields } from '../../shared/log/log.ts';
import { assertMaySend } from '../readers-alias-guard.ts';

/** Refuses, and logs, what comes through the alias for readers and is not a refresh that a reader may ask for. */
export function guardReadersAlias(logger: Pick<Logger, 'error'>): MiddlewareObj<unknown, unknown> {
  return {
    before: ({ event, context }) => {
      try {
        assertMaySend((context as Partial<Context>).invokedFunctionArn, event);
      } catch (error) {
        logger.error('message refused', errorFields(error));
        throw error;
      }
    },
  };
}
