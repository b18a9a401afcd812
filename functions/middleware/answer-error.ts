import type { MiddlewareObj } from '@middy/core';

/**
 * Turns an error of the handler into its answer. `describe` must not throw, and may log; where it returns undefined,
 * the invocation fails with the error.
 */
export function answerError(
  describe: (error: unknown, event: unknown) => unknown,
): MiddlewareObj<unknown, unknown> {
  return {
    onError: (request) => {
      request.response = describe(request.error, request.event);
    },
  };
}
